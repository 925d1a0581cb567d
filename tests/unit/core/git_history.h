// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/files.h"
#include "core/commit.h"

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lab::core::test {

/// How a random history is made.
struct HistoryShape {
    std::uint32_t seed = 1;
    std::size_t commits = 30;
    double merge_share = 0.1;
    double fork_share = 0.15;      ///< chance that a commit starts from an older one
    std::int64_t largest_step = 3; ///< of commit dates in seconds; 0 makes all equal
};

/// One commit of a made-up history, oldest first; parents are indices below its own.
struct PlannedCommit {
    std::vector<std::size_t> parents;
    std::int64_t date = 0;
};

/// A random history; its last commit reaches all others and its first is an ancestor of all.
[[nodiscard]] std::vector<PlannedCommit> plan_history(const HistoryShape& shape);

/// The same plan as a range with made-up ids; the first commit is left out as the good end.
[[nodiscard]] CommitGraph range_of(const std::vector<PlannedCommit>& plan);

/// Id given to the n-th commit of a plan by range_of.
[[nodiscard]] CommitId planned_id(std::size_t index);

/// A real repository holding a planned history, for comparison with the git program.
class GitHistory {
public:
    explicit GitHistory(const std::vector<PlannedCommit>& plan);

    [[nodiscard]] const std::vector<CommitId>& ids() const { return ids_; } ///< oldest first
    [[nodiscard]] const CommitId& good() const { return ids_.front(); }
    [[nodiscard]] const CommitId& bad() const { return ids_.back(); }

    /// Range between good and bad with the options of `git rev-list` given.
    [[nodiscard]] CommitGraph range(const std::vector<std::string>& options = {}) const;

    /// Commits that `commit` reaches, itself included.
    [[nodiscard]] std::set<std::string> ancestors(const CommitId& commit) const;

    /// Standard output of git run in the repository.
    [[nodiscard]] std::string git(std::vector<std::string> arguments) const;

    /// Standard output and error of a shell command in the repository, and its exit code in front.
    [[nodiscard]] std::string shell(const std::string& command) const;

    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

private:
    TemporaryDirectory directory_;
    std::vector<CommitId> ids_;
};

/// Number of histories for a property test: `usual`, or LAB_PROPERTY_HISTORIES when it is set.
[[nodiscard]] std::size_t property_histories(std::size_t usual);

} // namespace lab::core::test
