// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/run_command.h"
#include "notify/message.h"

namespace lab::cli {

/// What is said of a command that ended. Pure but for the id, the clock and the host's name.
/// @param title  of the user; empty: one is made.
/// @param tail   its last lines; shown when it failed.
[[nodiscard]] notify::Message command_message(const std::vector<std::string>& argv,
                                              const CommandEnd& end, const std::string& title,
                                              const std::string& tail);

/// What `lab notify test` sends.
[[nodiscard]] notify::Message test_message();

} // namespace lab::cli
