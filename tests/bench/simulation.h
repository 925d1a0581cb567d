// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bayes_search.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lab::bench {

/// One kind of bisection that is simulated many times.
struct Cell {
    std::string group;
    std::string name;
    std::size_t commits = 1024;
    double good_fails = 0; ///< flakes, when `step` is 0
    double bad_passes = 0;
    double step = 0;     ///< of a metric between the ends, in standard deviations
    double outliers = 0; ///< share of samples that lie 20 deviations too high
    enum class Noise {
        normal,
        heavy_tails, ///< Student's t with two degrees of freedom
        rounded,     ///< normal, and each value rounded to four deviations
        drifting,    ///< each deviation is 0.9 times the one of the run before, and a little
        two_modes,   ///< 0 or `step`, the higher one in 30 % of good and 70 % of bad runs
        two_humps,   ///< normal, and 30 % of all runs lie three deviations higher
        skewed,      ///< exponential
        wider,       ///< normal, three times as wide at the bad level
        few_values,  ///< normal, and each value rounded to one deviation
        trend,       ///< normal, and one more deviation every 50 runs
        first_run,   ///< normal, and the first run of a commit lies two deviations higher
    } noise = Noise::normal;
    bool artefacts = false; ///< of a commit are always the same; in whole bisections
    double mistaken = 0;    ///< share of samples that come from the other level
    enum class Knows { all, nothing } knows = Knows::nothing;
    double build = 0; ///< cost of a build in samples
    double merge_share = 0;
    double skip_share = 0;
    enum class Broken {
        nothing,
        block,        ///< 30 % of the commits, in a row, anywhere
        three_blocks, ///< of 10 % each, each for another reason
        scattered,    ///< 20 % of the commits, each by itself
        all,          ///< everything between the ends
    } broken = Broken::nothing;
    int culprits = 1; ///< two: the level changes by halves
    double confidence = 0.99;
    double reference = 0; ///< samples, or the cost when builds cost, to be compared with; 0 = none
};

/// What came of one simulated bisection.
struct Run {
    enum class Answer { right, wrong, inconclusive } answer = Answer::inconclusive;
    core::ConclusionKind kind = core::ConclusionKind::inconclusive;
    double stated = 0;      ///< probability the search gave
    double samples = 0;     ///< in all
    double runs = 0;        ///< the same, with those of commits that could not be tested
    double end_samples = 0; ///< of these, of the ends
    double builds = 0;      ///< of commits between the ends
    std::size_t suspects = 0;
};

/// Summary of many runs.
struct Summary {
    std::size_t runs = 0; ///< bisections
    std::size_t right = 0;
    std::size_t wrong = 0;
    std::size_t several = 0; ///< answers that say there is more than one culprit
    double stated = 0;       ///< mean over the conclusive ones
    double samples = 0;
    double samples_p95 = 0;
    double runs_each = 0; ///< mean, with those of commits that could not be tested
    double end_samples = 0;
    double builds = 0;
    double builds_p95 = 0;
    double seconds = 0;
};

/// The search on one random culprit. Same seed, same run.
[[nodiscard]] Run simulate(const Cell& cell, std::uint32_t seed);

/// The same by a whole bisection as `lab bisect` carries it out: with the confirmation of what was
/// found, everything learned.
[[nodiscard]] Run simulate_whole(const Cell& cell, std::uint32_t seed);

/// The same by `lab bisect --strategy git`.
[[nodiscard]] Run simulate_git(const Cell& cell, std::uint32_t seed);

[[nodiscard]] Summary summarise(const std::vector<Run>& runs);

} // namespace lab::bench
