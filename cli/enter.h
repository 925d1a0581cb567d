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

/// Which escape sequences of a guest reach the user's terminal.
enum class GuestEscapes {
    drawing, ///< those that draw: TerminalFilter
    all,
};

/// How a console is shown.
struct ConsoleOptions {
    std::optional<Duration> quiet_time = {}; ///< without a terminal: silence that ends it
    GuestEscapes escapes = GuestEscapes::drawing;
};

/// Connects standard input and output to a console socket. On a terminal: in raw mode, until
/// Ctrl-]; else until the console closes, or the quiet time passes without output after the input's
/// end. Output that goes to no terminal is never changed.
/// @return 0, or 130 when a signal ended it.
[[nodiscard]] int attach_console(const std::string& socket, const ConsoleOptions& options);

} // namespace lab::cli
