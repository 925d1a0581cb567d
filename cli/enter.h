// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "base/clock.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::cli {

/// Command line of ssh for a machine: no configuration of the user, only the lab's key and the
/// pinned host key, no questions.
/// @param command  text for the guest's shell; empty = an interactive shell.
/// @throws Error conflict  when the machine has a console only.
[[nodiscard]] std::vector<std::string> ssh_argv(const api::Access& access, const std::string& name,
                                                const std::string& command);

/// Replaces this process by a program of PATH.
/// @throws Error infra  when that is not possible.
[[noreturn]] void become(const std::vector<std::string>& argv);

/// Connects standard input and output to a console socket. On a terminal: raw, until Ctrl-]; else
/// until the console closes, or `quiet_time` passes without output after the input's end.
/// @return 0, or 130 when a signal ended it.
[[nodiscard]] int attach_console(const std::string& socket, std::optional<Duration> quiet_time);

} // namespace lab::cli
