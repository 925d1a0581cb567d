// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/guest_session.h"

#include <libssh/libssh.h>
#include <string>

namespace lab::adapters {

/// Gives a session what the ssh configuration of the user who runs labd ($HOME/.ssh/config, then
/// that of the host) says of a Host: name, port, user, identities, known_hosts.
/// @throws Error infra  when libssh cannot read it.
void take_user_setup(ssh_session session, const std::string& host);

/// The endpoint with everything filled in that the user's setup has; the same where it is ignored.
/// @throws Error infra  also for a host that is only reached through another one.
[[nodiscard]] ports::SshEndpoint real_endpoint(const ports::SshEndpoint& endpoint);

} // namespace lab::adapters
