// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/guest_session.h"

#include <libssh/libssh.h>
#include <string>
#include <vector>

namespace lab::adapters {

/// Gives a session what the ssh configuration of the user who runs labd ($HOME/.ssh/config, then
/// that of the host) says of a Host: name, port, user, identities, known_hosts.
/// @throws Error infra  when libssh cannot read it.
void take_user_setup(ssh_session session, const std::string& host);

/// Where an endpoint really is, and how it is reached.
struct Route {
    ports::SshEndpoint endpoint;         ///< with everything that the user's setup has
    std::vector<std::string> proxy = {}; ///< argv of the program that leads there; empty = TCP
};

/// What the user's setup makes of an endpoint (ProxyJump and ProxyCommand, too); the same where it
/// is ignored.
/// @throws Error infra  also for a ProxyCommand that only a shell could take apart.
[[nodiscard]] Route route_to(const ports::SshEndpoint& endpoint);

} // namespace lab::adapters
