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

/// Ids of one container: its root and 65535 others.
inline constexpr unsigned container_ids = 65536;

/// Which id of this host, as as_file_owner() sees it, is the root of containers. Of root it is the
/// first of a range that no user has; of others it is root in their user namespace, outside of
/// which it is they.
[[nodiscard]] unsigned container_root() noexcept;

/// Makes the container's root the owner of a file of ours.
void give_to_container(const std::filesystem::path& file);

/// Who a tree's files belong to.
enum class OwnersAre {
    of_the_container, ///< ids of this host, as the files of containers have them
    as_packed,        ///< ids within a container
};

/// Changes owners of files that are not a container's yet, or no more. Only root has to; for others
/// both are the same.
void change_owners(const std::filesystem::path& tree, OwnersAre wanted);

/// Removes a tree whatever the owners of its files are; what cannot be removed stays.
void remove_foreign_tree(const std::filesystem::path& tree) noexcept;

} // namespace lab
