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

/// A commit that may be the culprit.
struct Suspect {
    CommitId commit;
    double probability = 0;
};

/// How a bisection ended.
struct Conclusion {
    ConclusionKind kind = ConclusionKind::inconclusive;
    std::optional<CommitId> commit = {}; ///< found: the first bad commit
    /// found_with_skips: the commits left, newest first; several_culprits: the ones wanted, oldest
    /// first; inconclusive: the likeliest ones, where the search knows.
    std::vector<Suspect> suspects = {};
    double probability = 0;              ///< found kinds: estimated chance that the answer is right
    std::string text;                    ///< for people; git's own sentences for the found kinds
    std::vector<std::string> notes = {}; ///< reservations, one line each
};

/// "found", "found_with_skips", "several_culprits", "no_culprit", "inconclusive" or "aborted".
[[nodiscard]] const char* to_string(ConclusionKind kind) noexcept;

/// What to do where a commit's clean build behaves in another way than the one before.
inline constexpr const char* builds_disagree =
    "; an incremental build may lack a dependency: try a command that cleans first";

/// "<sha> is the first bad commit"; `bad` is the term for it.
[[nodiscard]] std::string first_bad_sentence(const CommitId& commit,
                                             const std::string& bad = "bad");

/// The commits as suspects that are equally likely, `sum` in all.
[[nodiscard]] std::vector<Suspect> evenly(const std::vector<CommitId>& commits, double sum);

/// git's sentences for a search that ends among skipped commits, the list included.
[[nodiscard]] std::string only_skipped_text(const std::vector<CommitId>& suspects,
                                            const std::string& bad = "bad");

} // namespace lab::core
