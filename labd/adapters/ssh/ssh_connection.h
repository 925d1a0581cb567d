// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/handle.h"
#include "ports/guest_session.h"

#include <libssh/libssh.h>
#include <string>

namespace lab::adapters {

using SshHandle = Handle<ssh_session_struct, ssh_free>;

inline void free_ssh_text(char* text) {
    ssh_string_free_char(text);
}

/// A text that libssh made.
using SshText = Handle<char, free_ssh_text>;

/// libssh's last error of a session as an infra Error: "<endpoint>: cannot <verb>: <text>".
[[nodiscard]] Error ssh_error(const std::string& endpoint, const std::string& verb,
                              ssh_session session);

/// "root@127.0.0.1:2222", for messages.
[[nodiscard]] std::string endpoint_name(const ports::SshEndpoint& endpoint);

/// Connected, host-key checked and logged in, in libssh's non-blocking mode.
/// The contract is that of open_ssh_session.
[[nodiscard]] SshHandle connect_ssh(const ports::SshEndpoint& endpoint, const Timeout& timeout,
                                    const std::stop_token& stop);

/// The key that the other side shows; the contract is SessionFactory::ask_host_key's.
[[nodiscard]] ports::HostKey ask_host_key(const ports::SshEndpoint& endpoint,
                                          const Timeout& timeout, const std::stop_token& stop);

/// Whether the connection still stands, as far as libssh has seen.
[[nodiscard]] bool is_alive(ssh_session session);

/// Waits until libssh can go on with the session, or for a short slice of time.
/// @throws Cancelled  when stop was requested.
void wait_for_peer(ssh_session session, const Deadline& deadline, const std::stop_token& stop);

/// Repeats a non-blocking libssh function until it has an answer other than `again`; returns
/// `again` when the deadline came first.
template <class Call>
int await_answer(ssh_session session, int again, const Call& call, const Deadline& deadline,
                 const std::stop_token& stop) {
    int result = call();
    while (result == again && !deadline.passed()) {
        wait_for_peer(session, deadline, stop);
        result = call();
    }
    return result;
}

} // namespace lab::adapters
