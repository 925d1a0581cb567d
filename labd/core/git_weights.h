// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace lab::core {

/// What git's midpoint search knows of one set of candidates.
struct CandidateField {
    std::vector<CommitIndex> oldest_first; ///< the candidates in the order git looks at them
    std::vector<std::uint32_t> weights;    ///< by commit index: candidates reached, itself included
    std::uint32_t total = 0;               ///< candidates that count, that is, are not tree_same
};

/// Orders and weighs the candidates reachable from `bad`.
///
/// The weight of a commit is the number of counted candidates among itself and its ancestors.
/// Ancestor sets are computed for 64 commits at a time, so that the cost is N * edges / 64 word
/// operations and the memory N words (16 000 commits with 8 % merges: some milliseconds).
///
/// @param is_candidate  by commit index; closed: every candidate is reachable from `bad` through
///                      candidates.
/// @note Pure, thread-safe.
[[nodiscard]] CandidateField weigh(const CommitGraph& graph, const std::vector<char>& is_candidate,
                                   CommitIndex bad);

/// One candidate and how well it splits the others: the smaller of both halves. A distance of -1
/// marks a commit that git 2.39 leaves without a weight (behind a tree_same merge).
struct RankedCommit {
    CommitIndex commit;
    std::int64_t distance;
};

/// The commit git tests when nothing was skipped yet; nothing when no candidate counts.
///
/// The one with the largest distance, the oldest first; but git stops at the first commit within
/// one of the middle (or within 1/1024 of the total) and looks at merges before it looks at others.
/// @see git 2.39.5, Documentation/git-rev-list.txt, option --bisect.
[[nodiscard]] std::optional<CommitIndex> midpoint(const CommitGraph& graph,
                                                  const CandidateField& field);

/// Every counted candidate, best first, equal ones by id: `git rev-list --bisect-all`.
[[nodiscard]] std::vector<RankedCommit> ranking(const CommitGraph& graph,
                                                const CandidateField& field);

/// git's guess at how many further tests `candidates` commits need: "roughly %d steps".
[[nodiscard]] unsigned estimated_steps(std::uint64_t candidates) noexcept;

} // namespace lab::core
