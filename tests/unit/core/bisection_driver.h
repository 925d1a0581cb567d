// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bayes_bisection.h"
#include "core/git_bisection.h"
#include "git_history.h"

#include <functional>
#include <vector>

namespace lab::core::test {

/// Answers a task as a lab would.
using Laboratory = std::function<Finding(const Task&)>;

/// A range of a made-up history, its ends, and which commits hold the culprit.
struct Scene {
    CommitGraph range;
    CommitId good = planned_id(0);
    CommitId bad;

    /// Whether `commit` is `culprit` or has it among its ancestors; false for the good end.
    [[nodiscard]] bool holds(const CommitId& commit, const CommitId& culprit) const;
};

[[nodiscard]] Scene scene_of(const HistoryShape& shape);

/// A straight line of commits: planned_id(1) to planned_id(commits), the last one bad.
[[nodiscard]] Scene line_of(std::size_t commits);

[[nodiscard]] GitBisection bisection_of(const Scene& scene, const Policy& policy);

[[nodiscard]] BayesBisection bayes_of(const Scene& scene, const Policy& policy);

/// Does the first task wanted until there is a conclusion; keeps what it recorded.
/// Fails the test when a bisection needs more than 1000 observations.
std::vector<Observation> drive(Bisection& bisection, const Laboratory& laboratory);

/// A lab whose command fails from the culprit on, wrongly at the rates given.
[[nodiscard]] Laboratory flaky_lab(const Scene& scene, const CommitId& culprit, double good_fails,
                                   double bad_passes, std::uint32_t seed);

/// One whose command is always right.
[[nodiscard]] Laboratory sure_lab(const Scene& scene, const CommitId& culprit);

/// The usual lab, but for one commit at one kind of task.
[[nodiscard]] Laboratory except(Laboratory usual, const CommitId& commit, TaskKind kind,
                                Finding finding);

/// What a whole bisection by chances concludes.
[[nodiscard]] Conclusion conclusion_by_chances(const Scene& scene, const Policy& policy,
                                               const Laboratory& laboratory);

/// How often a commit stands among the suspects.
[[nodiscard]] std::ptrdiff_t suspected(const Conclusion& conclusion, const CommitId& commit);

/// What can be seen of a state from outside, for comparing two of them.
[[nodiscard]] std::string snapshot(const Bisection& bisection);

} // namespace lab::core::test
