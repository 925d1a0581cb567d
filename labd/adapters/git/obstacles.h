// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <git2.h>
#include <optional>
#include <stop_token>
#include <string>

namespace lab::adapters::git {

/// Removes from a working tree what stands where a tracked file or a directory above one is to be
/// and is neither: libgit2 would write through a link to a directory, and wait for ever at a FIFO.
/// Looked at is every file of the repository's index, and every one that the commit has and HEAD
/// does not have so.
/// @throws Error infra, Cancelled
void remove_obstacles(git_repository* repository, const std::filesystem::path& directory,
                      const git_oid& commit, const std::stop_token& stop);

/// A tracked file that is not there as the index has it, by its kind and size; nothing when all
/// are.
[[nodiscard]] std::optional<std::string> find_difference(git_repository* repository,
                                                         const std::filesystem::path& directory);

} // namespace lab::adapters::git
