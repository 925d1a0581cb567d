// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/value_categories.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace lab::core {

/// Share of samples that say nothing about their commit, whatever the level: outliers.
inline constexpr double outlier_share = 0.02;

/// Rate below which a flake is never taken to be, and distance from 1 alike.
inline constexpr double least_rate = 1e-6;

/// Least difference of the failure rates of bad and good commits that is looked for.
inline constexpr double least_rate_gap = 0.05;

/// Samples a grid of levels is made from, in "badness": larger is worse.
struct LevelSamples {
    std::vector<double> good;                ///< of the good end, two or more
    std::vector<double> bad;                 ///< of the bad end, two or more
    std::vector<std::vector<double>> others; ///< of the commits between, each one or more
};

/// What is expected of good and bad commits.
struct ExpectedLevels {
    double good = 0; ///< failure rate or mean badness
    double bad = 0;
    double spread = 0; ///< standard deviation of a sample; 0 for rates
};

/// Log of how much likelier a value, as badness, is of a bad commit than of a good one.
using ValueRatio = std::function<double(double)>;

/// Log likelihood of some outcomes of one commit at every cell (spread, level) of a model.
using LevelTable = std::vector<double>;

/// Adds `times` times each cell of a table of the same size.
void add(LevelTable& sum, const LevelTable& table, double times);

/// Outcomes of the groups of commits that two culprits make.
struct LevelGroups {
    LevelTable centre;
    LevelTable one; ///< neighbours of the centre
    LevelTable other;
    std::optional<LevelTable> apart = {}; ///< at any level
};

/// Log evidence of two levels, with what they are expected to be.
struct TwoLevels {
    double log_evidence = 0;
    ExpectedLevels expected;
    double any_shape = 0; ///< chance that the noise is not about normal, see learned_levels()
};

/// How outcomes depend on whether a commit is good or bad: on one of two levels that are known or
/// integrated out on a grid.
///
/// A level is the chance that a run fails, or the mean of a metric. A commit's outcomes are
/// independent given its level. All good commits share one level, all bad ones another, which is
/// higher by a least gap. Immutable value, pure, thread-safe.
class LevelModel {
public:
    /// @param good_fails, bad_passes  chances in [0, 1] of a wrong outcome, good_fails + bad_passes
    ///                                < 1; 0 is taken as 1e-6.
    /// @throws std::domain_error  otherwise.
    [[nodiscard]] static LevelModel known_rates(double good_fails, double bad_passes);

    /// Both rates of wrong outcomes have Jeffreys' prior, Beta(1/2, 1/2), cut to
    /// bad - good >= 0.05.
    ///
    /// The integrals are Gauss-Chebyshev sums over 48 nodes, whose weight is that prior: exact for
    /// up to 95 runs at a level, within 0.1 % for some hundreds.
    /// @see Abramowitz & Stegun, Handbook of Mathematical Functions, 25.4.38.
    [[nodiscard]] static LevelModel learned_rates();

    /// @param spread  > 0, standard deviation; levels in badness, bad > good, all finite.
    /// @throws std::domain_error  otherwise.
    [[nodiscard]] static LevelModel known_levels(double good, double bad, double spread);

    /// Both levels and the spread are unknown: flat in the levels, flat in log(spread), on a grid
    /// that is laid around what the samples so far allow. bad - good >= 0.2 spreads.
    ///
    /// That holds where the noise is about normal. With a chance of 10 % beforehand each level has
    /// a distribution of its own, whatever it is: ValueCategories. The evidence is that of both.
    [[nodiscard]] static LevelModel learned_levels(const LevelSamples& samples);

    /// The table of no outcome at all.
    [[nodiscard]] LevelTable nothing() const {
        return LevelTable(cells_ + (categories_ ? categories_->cells() : 0), 0.0);
    }

    /// Adds runs to a table; for models of rates.
    void add_runs(LevelTable& table, double passes, double fails) const;

    /// Adds one sample to a table; for models of a metric.
    ///
    /// Density (1 - e) * Normal(level, spread) + e * Cauchy, e = 0.02. The Cauchy part is the same
    /// for all levels, so a sample far from both says nothing.
    void add_sample(LevelTable& table, double badness) const;

    /// Evidence of: `good` at one level, `bad` at a higher one.
    [[nodiscard]] TwoLevels two_levels(const LevelTable& good, const LevelTable& bad) const;

    /// By how much the log of a value's chance is larger at the level of `bad` than at that of
    /// `good`, whatever the shape of the noise; for levels that are learned.
    [[nodiscard]] double log_ratio(const LevelTable& good, const LevelTable& bad,
                                   double badness) const;

    /// Log evidence of: all of a table at one level, wherever.
    /// @return -infinity for a model of known levels or rates.
    [[nodiscard]] double one_level(const LevelTable& table) const;

    /// Log evidence of: each group at a level of its own, with a common spread, and both neighbours
    /// the least gap or more away from the centre, up or down.
    /// @return -infinity for a model of known levels or rates.
    [[nodiscard]] double steps_around(const LevelGroups& groups) const;

    /// Mean level of the outcomes of one table alone.
    [[nodiscard]] double expected_level(const LevelTable& table) const;

    [[nodiscard]] bool is_known() const noexcept { return known_; }
    [[nodiscard]] bool is_metric() const noexcept { return !spreads_.empty() && spreads_[0] > 0; }

private:
    LevelModel(std::vector<double> levels, std::vector<double> spreads);

    void allow_pairs(double least_gap);
    [[nodiscard]] std::vector<double> sums_far_off(const LevelTable& table,
                                                   std::size_t spread) const;
    [[nodiscard]] TwoLevels two_normal_levels(const LevelTable& good, const LevelTable& bad) const;
    [[nodiscard]] TwoLevels two_of_any_shape(const LevelTable& good, const LevelTable& bad) const;
    [[nodiscard]] double normal_steps_around(const LevelGroups& groups) const;
    [[nodiscard]] double steps_of_any_shape(const LevelGroups& groups) const;
    [[nodiscard]] std::span<const double> categories_of(const LevelTable& table) const;

    std::vector<double> levels_;
    std::vector<double> log_levels_; ///< of rates: log(level), and of 1 - level
    std::vector<double> log_rests_;
    std::vector<double> spreads_;         ///< one 0 for rates
    std::vector<std::size_t> first_bad_;  ///< by cell of the good level: least index of the bad one
    std::vector<std::size_t> ends_below_; ///< by cell: one past the last level a gap below it
    std::vector<double> pair_weight_;     ///< by spread: prior of each allowed pair
    std::vector<double> log_trio_prior_;  ///< by spread: of each centre with two allowed neighbours
    double log_node_prior_ = 0;           ///< of each level taken alone
    std::size_t cells_ = 0;
    bool known_ = false;
    double outlier_centre_ = 0;
    double outlier_scale_ = 1;
    std::optional<ValueCategories> categories_; ///< the other model of values that are learned
    double log_any_shape_ = 0; ///< prior of the other model, less what its shape was fitted by
};

} // namespace lab::core
