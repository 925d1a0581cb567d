// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/ssh/tcp_connect.h"

#include <string>
#include <vector>

namespace lab::adapters {

/// One attempt to connect to an SSH server through a program, as ProxyCommand of ssh_config(5) does
/// it: its standard input and output are the connection. It has no terminal, so it asks for
/// nothing, and ends with the connection.
/// @param argv  program and arguments, not empty.
/// @throws Cancelled    when stop was requested.
/// @throws Error infra  when no program can be started at all.
[[nodiscard]] TcpAttempt connect_through(const std::vector<std::string>& argv, Duration patience,
                                         const std::stop_token& stop);

} // namespace lab::adapters
