// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::core {

enum class ConclusionKind {
    found,            ///< `commit` is the first bad commit, confirmed
    found_with_skips, ///< any of `suspects` may be it
    several_culprits, ///< there is more than one regression; `suspects` are the ones wanted
    no_culprit,       ///< the ends do not show a regression
    inconclusive,     ///< no answer, `text` says why
    aborted,          ///< the judging command asked to stop
};

/// How a bisection ended.
struct Conclusion {
    ConclusionKind kind = ConclusionKind::inconclusive;
    std::optional<CommitId> commit = {}; ///< found: the first bad commit
    std::vector<CommitId> suspects = {}; ///< found_with_skips: the commits left, in git's order
    double probability = 0;              ///< found kinds: estimated chance that the answer is right
    std::string text;                    ///< for people; git's own sentences for the found kinds
    std::vector<std::string> notes = {}; ///< reservations, one line each
};

/// "found", "found_with_skips", "several_culprits", "no_culprit", "inconclusive" or "aborted".
[[nodiscard]] const char* to_string(ConclusionKind kind) noexcept;

/// "<sha> is the first bad commit".
[[nodiscard]] std::string first_bad_sentence(const CommitId& commit);

/// git's sentences for a search that ends among skipped commits, the list included.
[[nodiscard]] std::string only_skipped_text(const std::vector<CommitId>& suspects);

} // namespace lab::core
