// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/culprit_classes.h"
#include "core/level_model.h"

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace lab::core {

/// Chances of every hypothesis about a range, given what was seen.
struct Chances {
    double no_culprit = 0;              ///< good and bad end do not differ
    std::vector<double> by_class;       ///< of all commits of a class together; 1 with no_culprit
    std::vector<double> of_commit;      ///< by class: of each of its commits that counts
    double log_single = 0;              ///< log evidence of one culprit somewhere in the range
    ExpectedLevels expected;            ///< over all hypotheses with a culprit
    std::vector<ExpectedLevels> levels; ///< by class
    double one_level = 0;               ///< expected when the ends do not differ
};

/// Two classes that a culprit each lies in.
struct CulpritPair {
    std::size_t first = 0;  ///< class of the older one, where one is behind the other
    std::size_t second = 0; ///< and of the newer one
    double chance = 0;
};

/// Chances of two culprits, given that there are two.
struct TwoCulprits {
    double log_evidence = 0;
    std::vector<CulpritPair> pairs; ///< their chances sum to 1
    std::vector<double> first;      ///< by class: chance that the older one is in it
    std::vector<double> second;     ///< and the newer one
    /// Expected behind none, behind the older one alone, both; of the likeliest pair.
    std::array<double, 3> levels{};
    double spread = 0; ///< of a sample; 0 for rates
};

/// What was seen of the ends and of the commits of a range, and what that makes of the hypotheses
/// "commit x is the culprit": then x and its descendants are bad, all others good.
///
/// The chance of a culprit is its share of the commits that count, times the evidence
/// LevelModel::two_levels() of the partition into good and bad commits that it makes. Value type,
/// pure, not thread-safe; the same calls in the same order give the same chances.
class Outcomes {
public:
    /// A model whose levels or rates are known, or rates that are learned.
    Outcomes(std::shared_ptr<const CommitGraph> range, LevelModel model);

    /// Levels of a metric that are learned from the samples themselves.
    explicit Outcomes(std::shared_ptr<const CommitGraph> range);

    /// Runs of the good end that passed or failed; or one sample of it, as badness.
    void add_good_end_run(double passes, double fails);
    void add_good_end_sample(double badness);

    /// The same of a commit of the range; the bad end is commit 0.
    void add_run(CommitIndex commit, double passes, double fails);
    void add_sample(CommitIndex commit, double badness);

    /// Says that both commits give the same artefact; see CulpritClasses::tie().
    void tie(CommitIndex a, CommitIndex b);

    /// Says that the commit gives the same artefact as the good end.
    void tie_to_good_end(CommitIndex commit);

    /// @param no_culprit  chance beforehand that the ends do not differ, in [0, 1).
    /// @param without     a mark whose outcomes are left out.
    [[nodiscard]] Chances chances(double no_culprit, std::optional<std::size_t> without = {}) const;

    /// What values tell of good and bad if the culprit is of this class, where their noise is more
    /// likely not about normal; absent otherwise.
    [[nodiscard]] std::optional<ValueRatio> ratio_of_any_shape(std::size_t culprits) const;

    /// Evidence of two separate culprits with levels of their own, where outcomes were seen behind
    /// each of them alone. -infinity when that is nowhere the case.
    [[nodiscard]] TwoCulprits two_culprits() const;

    [[nodiscard]] const CulpritClasses& classes() const noexcept { return classes_; }

    /// Marks with one single sample: those that must not decide anything alone.
    [[nodiscard]] std::vector<std::size_t> lone_samples() const;

    /// Outcomes seen of a mark's commit.
    [[nodiscard]] std::size_t tries(std::size_t mark) const { return counts_[mark]; }

    [[nodiscard]] CommitIndex commit_of(std::size_t mark) const { return commits_[mark]; }

    /// Outcomes of the ends and in all.
    [[nodiscard]] std::size_t good_end_count() const noexcept { return good_count_; }
    [[nodiscard]] std::size_t bad_end_count() const noexcept { return counts_[0]; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Samples of the ends of a metric, as badness; none of runs.
    [[nodiscard]] const std::vector<double>& good_end_samples() const { return good_samples_; }
    [[nodiscard]] const std::vector<double>& bad_end_samples() const { return samples_[0]; }

    /// Mean of what was seen of each end: share of failed runs, or mean badness. 0 without any.
    [[nodiscard]] double good_end_mean() const;
    [[nodiscard]] double bad_end_mean() const;

    /// Absent as long as the ends have too few samples to learn the levels of a metric.
    [[nodiscard]] const std::optional<LevelModel>& model() const noexcept { return model_; }

private:
    /// Two classes that a culprit each lies in.
    struct Pair {
        std::size_t first = 0;
        std::size_t second = 0;
        double log_weight = -std::numeric_limits<double>::infinity(); ///< with the evidence
    };

    /// What was seen of all that a class makes bad, and of how many commits.
    struct Behind {
        LevelTable table;
        std::size_t marks = 0;
    };

    using Visit = std::function<void(std::size_t, const LevelTable&, const LevelTable&)>;

    std::size_t mark_of(CommitIndex commit);
    void sampled();
    void tabulate();
    [[nodiscard]] LevelTable total() const;
    void each_class(const LevelTable& all, std::optional<std::size_t> without,
                    const Visit& visit) const;
    [[nodiscard]] double commits_that_count() const;
    [[nodiscard]] Behind behind(std::size_t culprits) const;
    [[nodiscard]] std::optional<LevelGroups> groups_of(const Pair& pair, const LevelTable& all,
                                                       const std::vector<Behind>& behind) const;
    [[nodiscard]] std::optional<LevelGroups> groups_apart(const Pair& pair) const;
    [[nodiscard]] std::vector<Pair> pairs_of(const std::vector<std::size_t>& order,
                                             const LevelTable& all,
                                             const std::vector<Behind>& behind) const;
    void normalise(const std::vector<double>& logs, double log_none, double no_culprit,
                   Chances& chances) const;

    CulpritClasses classes_;
    std::optional<LevelModel> model_;
    bool learns_levels_ = false;
    LevelTable good_end_;
    std::vector<CommitIndex> commits_; ///< by mark
    std::vector<LevelTable> tables_;   ///< by mark
    std::vector<std::size_t> counts_;  ///< outcomes, by mark
    std::vector<double> sums_;         ///< failed runs or badness, by mark
    double good_sum_ = 0;
    std::vector<double> good_samples_;
    std::vector<std::vector<double>> samples_; ///< by mark; of metrics that are learned
    std::size_t good_count_ = 0;
    std::size_t count_ = 0;
    std::size_t count_at_model_ = 0;
};

} // namespace lab::core
