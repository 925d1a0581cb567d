// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/verdict.h"

#include <cstddef>
#include <optional>
#include <string>

namespace lab::core {

/// How the commits to try are chosen.
enum class Strategy {
    git,   ///< as git does: one verdict a commit, halving
    bayes, ///< by the chance of every commit and the price of every probe
};

/// Which culprit is wanted when there are several.
enum class Wanted {
    first,   ///< the oldest
    largest, ///< the one behind which the level changes most
    all,
};

/// What judges a commit.
enum class JudgedBy {
    command,       ///< its exit code
    metric,        ///< values
    first_finding, ///< values when the first check at an end prints some, else the exit code
};

/// What good and bad are called, as `git bisect start --term-old=... --term-new=...` sets it.
struct Terms {
    std::string good = "good";
    std::string bad = "bad";

    friend bool operator==(const Terms&, const Terms&) = default;
};

/// What a verdict is called: a term, or "skip".
[[nodiscard]] std::string word_of(Verdict verdict, const Terms& terms);

/// Why terms cannot be used, by git's rules: names of its parts, good and bad swapped or equal,
/// anything but letters, digits, '-', '_' and '.'. Nothing when they can.
[[nodiscard]] std::optional<std::string> problem_of(const Terms& terms);

/// What a bisection is about and how sure it has to be.
struct Policy {
    JudgedBy judged_by = JudgedBy::command;
    std::optional<Direction> direction = {}; ///< of the metric; absent = from good to bad is worse
    double confidence = 0.99;  ///< chance of a right answer that is aimed at, in (0.5, 1)
    std::size_t lookahead = 2; ///< builds wanted ahead of the search at most
    Strategy strategy = Strategy::bayes;
    Wanted wanted = Wanted::first; ///< of several culprits; by the Bayesian search
    Terms terms = {};              ///< for the sentences of the conclusion
};

[[nodiscard]] const char* to_string(Strategy strategy) noexcept;
[[nodiscard]] const char* to_string(Wanted wanted) noexcept;

/// Inverse of to_string; nothing for another word.
[[nodiscard]] std::optional<Strategy> strategy_from(const std::string& word) noexcept;
[[nodiscard]] std::optional<Wanted> wanted_from(const std::string& word) noexcept;

} // namespace lab::core
