// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "core/commit.h"
#include "core/git_weights.h"
#include "core/verdict.h"

#include <cstddef>
#include <memory>
#include <set>
#include <variant>
#include <vector>

namespace lab::core {

/// The commit to test now, with the two numbers of git's line
/// "Bisecting: %d revisions left to test after this (roughly %d steps)".
struct Proposal {
    CommitId commit;
    std::size_t revisions_left = 0;
    unsigned steps = 0;
};

/// Nothing is left to test.
struct SearchEnd {
    enum class Kind {
        found,           ///< `suspects` holds the first bad commit alone
        only_skipped,    ///< any of `suspects` may be it, in git's order
        nothing_to_test, ///< no commit of the range touches the paths asked for
    };

    Kind kind = Kind::found;
    std::vector<CommitId> suspects;
};

using SearchStep = std::variant<Proposal, SearchEnd>;

/// Which commit git 2.39 would test next: the same answers as `git bisect` for the same verdicts.
///
/// Value type, cheap to copy (the graph is shared), pure, not thread-safe. Same verdicts in the
/// same order, same answer. `git bisect --first-parent` is a graph that is the first-parent chain.
class GitSearch {
public:
    /// @param range  its first node is the bad end, from which all others are reachable.
    /// @return diagnostics when it is empty or holds a commit the bad end does not reach.
    [[nodiscard]] static Parsed<GitSearch> create(CommitGraph range);

    /// Good removes the commit and its ancestors from the candidates, bad everything else, skip
    /// nothing; but a skipped commit is never proposed.
    /// @throws Error bad_input  for good or bad of a commit that is no candidate (the verdicts
    ///                          contradict each other); not_found when it is not in the range.
    void record(const CommitId& commit, Verdict verdict);

    [[nodiscard]] SearchStep next() const;

    /// Commits that may still be the first bad one, newest first, tree_same ones included.
    [[nodiscard]] std::vector<CommitId> candidates() const;

    /// Counted candidates, best first: the order of `git rev-list --bisect-all`.
    [[nodiscard]] std::vector<RankedCommit> ranked() const;

    [[nodiscard]] const CommitGraph& range() const noexcept { return *range_; }

private:
    explicit GitSearch(std::shared_ptr<const CommitGraph> range);

    [[nodiscard]] SearchStep next_after_skips(const CandidateField& field) const;
    [[nodiscard]] Proposal proposal(CommitIndex commit, CommitIndex weighed,
                                    const CandidateField& field) const;
    [[nodiscard]] CommitIndex skip_away(const std::vector<CommitIndex>& testable) const;

    std::shared_ptr<const CommitGraph> range_;
    std::vector<char> candidate_; ///< by commit index
    std::vector<char> skipped_;
    bool any_skipped_ = false;
    CommitIndex bad_ = 0;
};

/// The commits that are asked about next however the coming verdicts turn out, nearest first: what
/// is worth building ahead. The commit proposed now is not among them.
/// @param skips  commits known to end as skip whenever they are asked about.
[[nodiscard]] std::vector<CommitId> commits_ahead(const GitSearch& search, std::size_t count,
                                                  const std::set<CommitId>& skips = {});

} // namespace lab::core
