// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/libgit.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace lab::adapters::git {

/// A file or symbolic link of a tree; its path as git has it, which need not be UTF-8.
struct TreeFile {
    std::string path;
    git_oid content{};
    git_filemode_t mode = GIT_FILEMODE_BLOB;
};

/// What leads from one tree to another, submodules left out on both sides.
struct TreeDelta {
    std::vector<std::string> deleted;    ///< topmost paths to remove before files are written
    std::vector<TreeFile> files;         ///< new and changed ones
    std::vector<std::string> submodules; ///< paths of new or changed submodules
    std::uint64_t differing_files = 0;   ///< paths at which a file is new, changed or gone
};

/// Compares two trees that TreeScales found no fault with; a null tree is empty.
/// @throws Cancelled
[[nodiscard]] TreeDelta compare_trees(git_repository* repository, const git_tree* from,
                                      const git_tree* to, const std::stop_token& stop);

} // namespace lab::adapters::git
