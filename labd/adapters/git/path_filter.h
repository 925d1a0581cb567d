// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/libgit.h"

#include <string>
#include <vector>

namespace lab::adapters::git {

/// The part of a tree that lies below some paths; without paths the whole tree.
class PathFilter {
public:
    /// @throws Error bad_input  for a path that is absolute, leads upward or is longer than 4096.
    explicit PathFilter(const std::vector<std::string>& paths);

    [[nodiscard]] bool empty() const { return paths_.empty(); }

    /// Whether two trees agree below the paths; null is the empty tree.
    [[nodiscard]] bool same(const git_tree* a, const git_tree* b) const;

private:
    std::vector<std::string> paths_;
};

} // namespace lab::adapters::git
