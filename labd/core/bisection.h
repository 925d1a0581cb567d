// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "core/commit.h"
#include "core/conclusion.h"
#include "core/judge.h"
#include "core/observation.h"
#include "core/policy.h"
#include "core/probe_choice.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lab::core {

/// What is bisected.
struct BisectionInput {
    CommitGraph range; ///< commits reachable from bad and not from good; bad first
    CommitId good;     ///< an ancestor of bad, outside the range
    CommitId bad;
    Policy policy;
};

/// What can be done now.
struct Capacity {
    std::size_t tasks = 1;            ///< at once, those under way included
    std::vector<Task> under_way = {}; ///< as next() asked for them
    ProbeCosts costs = {};            ///< in seconds
};

/// How far a search is.
struct Progress {
    std::size_t revisions_left = 0; ///< commits that may still be the culprit, roughly
    std::size_t steps = 0;          ///< verdicts or samples still needed, roughly
    std::string text;               ///< one line for people
};

/// What one observation did to the chances.
struct Lesson {
    CommitId commit;
    TaskKind kind = TaskKind::probe;
    std::string outcome;   ///< for people, for example "failed" or "6708.5"
    double bad_before = 0; ///< chance that the commit is bad
    double bad_after = 0;
    double bits_before = 0; ///< entropy of "which commit is the culprit"
    double bits_after = 0;
    std::optional<CommitId> likeliest = {}; ///< culprit, afterwards
    double likeliest_chance = 0;
};

/// A whole bisection as a fold over observations: the ends are checked, the commits between are
/// searched, the commit found is confirmed.
///
/// No clock, no I/O, not thread-safe. The same input and the same observations in the same order
/// give the same state and the same answers, so that a killed engine replays what it stored and
/// goes on. Observations that nobody waits for any more change nothing or count as further
/// evidence.
class Bisection {
public:
    virtual ~Bisection() = default;

    /// Tasks wanted now, most important first: those under way that shall go on, and new ones.
    /// Empty once there is a conclusion.
    [[nodiscard]] virtual std::vector<Task> next(const Capacity& capacity) const = 0;

    virtual void record(const Observation& observation) = 0;

    [[nodiscard]] virtual const std::optional<Conclusion>& conclusion() const noexcept = 0;

    /// Everything tried so far, in the order first asked for: the table for people. Trials without
    /// a verdict are still under way, undecided, or were dropped by the conclusion.
    [[nodiscard]] virtual std::vector<Trial> trials() const = 0;

    /// What is left, while it is searched.
    [[nodiscard]] virtual std::optional<Progress> progress() const = 0;

    /// What each observation told, in their order; none from a search without probabilities.
    [[nodiscard]] virtual std::vector<Lesson> lessons() const { return {}; }

    /// Commits that may be the culprit, likeliest first, `most` at most; none from a search without
    /// probabilities.
    [[nodiscard]] virtual std::vector<Suspect> posterior(std::size_t /*most*/) const { return {}; }
};

/// @return diagnostics when the range does not start with `bad`, holds `good`, or is no range for
///         the search, or when the policy's confidence is outside (0.5, 1).
[[nodiscard]] Parsed<std::unique_ptr<Bisection>> create_bisection(BisectionInput input);

/// The commit to confirm as good beside the one found: its first parent, which is the good end when
/// it lies outside the range. Nothing, and a note why, when the parent was skipped.
[[nodiscard]] std::optional<CommitId> parent_to_confirm(const CommitGraph& range,
                                                        const CommitId& found, const CommitId& good,
                                                        const std::vector<Trial>& trials,
                                                        std::vector<std::string>& notes);

/// What is wrong with a question, whatever the strategy; nothing when it is sound.
[[nodiscard]] Diagnostics problems_of(const BisectionInput& input);

} // namespace lab::core
