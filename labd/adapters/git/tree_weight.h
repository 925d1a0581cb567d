// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/libgit.h"
#include "adapters/git/limits.h"
#include "ports/source_repo.h"

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>

namespace lab::adapters::git {

/// What a tree unpacks to.
struct TreeWeight {
    std::uint64_t files = 0;      ///< with directories
    std::uint64_t bytes = 0;      ///< of the files' contents
    std::uint64_t largest = 0;    ///< of these
    std::size_t longest_path = 0; ///< bytes, from the tree
    std::size_t depth = 0;        ///< directories below each other
};

/// Tells what trees unpack to before anything of them is unpacked, from the sizes that git keeps
/// with its objects. A tree is weighed once, wherever it is found: one that holds another a
/// thousand times, and that one the next, costs no more than each of them. Thread-safe.
class TreeScales {
public:
    explicit TreeScales(const GitLimits& limits) : limits_(limits) {}

    /// Why the tree of a commit cannot be unpacked here, if so: it is over a limit, or holds an
    /// entry that git itself would not check out ("..", ".git", '/' in a name).
    /// @throws Cancelled, Error infra
    [[nodiscard]] std::optional<ports::UnfitTree>
    fault_of(git_repository* repository, const core::CommitId& commit, const std::stop_token& stop);

private:
    friend class Weighing;
    struct OidLess {
        bool operator()(const git_oid& a, const git_oid& b) const {
            return git_oid_cmp(&a, &b) < 0;
        }
    };

    [[nodiscard]] std::optional<TreeWeight> known(const git_oid& tree);
    void note(const git_oid& tree, const TreeWeight& weight);

    const GitLimits limits_;
    std::mutex mutex_;
    std::map<git_oid, TreeWeight, OidLess> known_;
};

} // namespace lab::adapters::git
