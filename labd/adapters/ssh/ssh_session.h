// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/guest_session.h"

#include <memory>

namespace lab::adapters {

/// Opens an SSH session; tries again and again until the other side answers or `timeout` has
/// passed.
///
/// Both sides are pinned: only the endpoint's host key is taken and only its key file is offered;
/// no agent, no known_hosts, no ssh_config of the user takes part. With UserSetup::used the
/// configuration's host name, port, user and, without a key file, the user's agent and keys do;
/// nobody is ever asked for a password. One connection serves all
/// commands. A connection counts as lost when TCP says so (with probes every 5 s after 15 s of
/// silence), not when the guest is slow: it may be suspended for a while. A command ends when it
/// exited and closed its output, or 2 s after its exit when something it left behind holds the
/// output open. One that timed out is sent SIGKILL, which servers may ignore.
/// @throws Error bad_input  when the pinned host key is no "<type> <base64>" of a known type.
/// @throws Error infra      no answer, another host key, refused or unreadable key: each in its
/// words.
/// @throws Cancelled        when stop was requested.
[[nodiscard]] std::unique_ptr<ports::GuestSession>
open_ssh_session(const ports::SshEndpoint& endpoint, const Timeout& timeout,
                 const std::stop_token& stop);

/// The key that a machine shows: SessionFactory::ask_host_key.
[[nodiscard]] ports::HostKey ask_ssh_host_key(const ports::SshEndpoint& endpoint,
                                              const Timeout& timeout, const std::stop_token& stop);

} // namespace lab::adapters
