// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lab::images {

/// The dependency table of one kernel's modules, as depmod writes it. Immutable value, thread-safe.
class KernelModules {
public:
    /// @param dependencies  text of modules.dep
    /// @param builtin       text of modules.builtin
    KernelModules(std::string_view dependencies, std::string_view builtin);

    /// Files of the modules and of all they need, in an order in which they can be inserted;
    /// nothing for what is built into the kernel. '-' and '_' in names are the same, as for
    /// modprobe.
    /// @throws Error bad_input  for a name the kernel does not know, or a circle of dependencies.
    [[nodiscard]] std::vector<std::string> load_order(const std::vector<std::string>& names) const;

private:
    struct Walk;
    void append(const std::string& file, Walk& walk) const;

    std::map<std::string, std::string> file_of_;            ///< module name -> file
    std::map<std::string, std::vector<std::string>> needs_; ///< file -> files
    std::set<std::string> builtin_;                         ///< module names
};

} // namespace lab::images
