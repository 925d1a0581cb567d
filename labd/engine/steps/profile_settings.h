// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/guest_session.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lab::engine {

/// What a software profile changes on a machine, for one boot.
struct ProfileSettings {
    std::vector<std::string> cmdline = {};    ///< words behind those of the machine
    std::vector<std::string> sysctl = {};     ///< "name=value"
    std::vector<std::string> bootscript = {}; ///< commands, each for a shell of its own
};

/// Runs one command on the machine that was booted.
using RunOnMachine = std::function<ports::CommandResult(const std::string& command)>;

/// Applies the settings in their order (sysctl, bootscript), and verifies what can be verified: the
/// kernel's command line, every sysctl by reading it back, every exit code.
/// @return what does not hold, for people; nothing when all does.
[[nodiscard]] std::optional<std::string> apply_settings(const ProfileSettings& settings,
                                                        const RunOnMachine& run);

} // namespace lab::engine
