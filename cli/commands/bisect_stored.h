// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/commands.h"

namespace lab::cli {

/// `lab bisect start`.
void add_bisect_start(CLI::App& bisect, Command& command);

/// `lab bisect run`.
void add_bisect_run(CLI::App& bisect, Command& command);

/// Whether git bisect run may read the exit code of what was parsed: then every error must be 128,
/// because 2 would be a bad commit.
[[nodiscard]] bool answers_git_bisect(const CLI::App& app);

} // namespace lab::cli
