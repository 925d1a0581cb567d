// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// File trees with foreign owners for users who are not root: in a user namespace of their own,
/// with the ids that /etc/subuid and /etc/subgid grant them, they may write files of any owner.
namespace lab {

/// The program as it must be started to handle files of any owner: by root as it is, by others in a
/// user namespace. It is found by find_program(), so also where administration tools are.
[[nodiscard]] std::vector<std::string> as_file_owner(std::vector<std::string> argv);

/// Removes a tree whatever the owners of its files are; what cannot be removed stays.
void remove_foreign_tree(const std::filesystem::path& tree) noexcept;

} // namespace lab
