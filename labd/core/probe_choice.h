// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ancestor_sums.h"
#include "core/channel.h"
#include "core/commit.h"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace lab::core {

/// What a probe costs, in seconds.
struct ProbeCosts {
    /// Build time still to pay: 0 when the build is there. Absent = always 0.
    std::function<double(const CommitId&)> build = {};
    double boot = 0;
    double sample = 1; ///< one run of the test; > 0 together with `boot`
};

/// What one more outcome is expected to be under each hypothesis, when that is not the same for
/// all: unknown levels are judged differently by different culprits.
struct Predictions {
    std::vector<double> good; ///< by commit as culprit: level of good commits
    std::vector<double> bad;  ///< and of bad ones
    double no_culprit = 0;    ///< chance that the ends do not differ,
    double one_level = 0;     ///< and the level of all commits then
    double spread = 0;        ///< of a sample; 0 for rates
};

/// What the choice starts from.
struct ProbeField {
    const CommitGraph& graph;
    const AncestorSums& sums;
    std::span<const double> mass;   ///< by commit: chance that it is the culprit
    std::span<const char> testable; ///< by commit: 0 for one that must not be proposed
    std::span<const double> works;  ///< by commit: chance that it can be tested
    const Channel& channel;
    const Predictions* predictions = nullptr; ///< absent: the channel's levels hold for all
};

/// The commits to take one more sample of, `count` at most, best first; a commit may stand there
/// more than once. Fewer, or none, when no testable commit tells anything.
///
/// The best one has the largest  information / sqrt(build + boot + sample),  where the information
/// of one sample is Channel::information() of the chance that the commit is bad, the mass of its
/// ancestors, times the chance that it can be tested at all. Ties go to the smaller object id.
///
/// With predictions a run's information is about the culprit as it is, exactly:
///   I = H(sum_x p(x) q(x, c)) - sum_x p(x) H(q(x, c)),
/// q(x, c) the chance that c fails if x is the culprit; both sums are sums over ancestors. A
/// metric's is that of two levels, the variance w (1 - w) replaced by the one of the expected level
/// over all x, in squared steps.
///
/// Beside another probe only a commit is chosen that still tells a twentieth of what the best one
/// tells alone: where one outcome settles the question, no second one is asked for.
///
/// Probes that run at the same time are chosen so that they tell different things: the variance
/// w (1 - w) of "commit c is bad" is replaced by what would be left of it when the others' outcomes
/// were known, by linear regression on them with the channel's noise:
///   v = cov(c, c) - cov(c, D) (cov(D, D) + R)^-1 cov(D, c),   cov(c, d) = w(c and d) - w(c) w(d),
/// w(c and d) being the mass of the common ancestors. Without noise k probes come to stand at the
/// quantiles j / (k + 1) of a line; with much noise they are repeats of one commit.
///
/// @param pending  commits whose samples are under way, one entry each.
/// @note Pure, thread-safe. Information per square root of the cost is a rule found by simulation,
///       see docs/statistics.md; for the regression Krause, Singh & Guestrin, Near-Optimal Sensor
///       Placements in Gaussian Processes, JMLR 9 (2008).
[[nodiscard]] std::vector<CommitIndex> choose_probes(const ProbeField& field,
                                                     const ProbeCosts& costs, std::size_t count,
                                                     std::span<const CommitIndex> pending = {});

} // namespace lab::core
