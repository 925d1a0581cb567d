// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"

#include <string>
#include <utility>
#include <vector>

namespace lab::cli {

/// A machine to add to lab.yaml.
struct MachineEntry {
    std::string section; ///< "build_vms" or "test_vms"
    std::string name;
    std::vector<std::pair<std::string, std::string>> fields; ///< in the order of writing
};

/// lab.yaml with the machine added as last entry of its section (which is made when missing); every
/// other line stays as it is, comments included. Pure; the caller validates the outcome.
/// Returns a diagnostic when the section is written in flow style, which is not edited.
[[nodiscard]] Parsed<std::string> add_machine(const std::string& text, const MachineEntry& entry);

} // namespace lab::cli
