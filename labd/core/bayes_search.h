// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "core/ancestor_sums.h"
#include "core/breakage.h"
#include "core/commit.h"
#include "core/conclusion.h"
#include "core/outcomes.h"
#include "core/policy.h"
#include "core/probe_choice.h"
#include "core/verdict.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lab::core {

/// Chances of wrong outcomes that are known beforehand.
struct KnownRates {
    double good_fails = 0;
    double bad_passes = 0;
};

/// Whether the answer is tried again by whoever asks.
enum class Afterwards {
    nothing,   ///< the search's answer is the last word
    confirmed, ///< the commit found and its parent are sampled afresh, two times at least
};

/// Levels of a metric that are known beforehand, in the unit of the samples.
struct KnownLevels {
    double good = 0;
    double bad = 0;
    double spread = 1; ///< standard deviation of a sample, > 0
};

/// What a Bayesian search is about and how sure it has to be.
struct BayesPolicy {
    std::optional<Direction> metric = {}; ///< absent = outcomes are pass or fail
    double confidence = 0.99;             ///< in (0.5, 1)
    Wanted wanted = Wanted::first;
    std::optional<KnownRates> rates = {};   ///< else learned; without a metric
    std::optional<KnownLevels> levels = {}; ///< else learned; with a metric
    double no_culprit = 0.1;                ///< chance beforehand that the ends do not differ
    double two_culprits = 0.1;              ///< and that there are two; both 0 when all is known
    Afterwards afterwards = Afterwards::nothing;
    Terms terms = {};                   ///< for texts
    std::size_t least_end_samples = 0;  ///< of each end; 0 = 3 runs, 5 samples, or 2 to 4
                                        ///< that lie plainly apart, see lie_plainly_apart()
    std::size_t most_end_samples = 100; ///< of each end, to see whether they differ
    std::size_t most_samples = 5000;    ///< in all; then inconclusive
};

/// One outcome of one commit.
struct Passed {};
struct Failed {};
struct Sampled {
    double value; ///< finite
};
/// It does not build or boot, or fails in another way than the one looked for.
struct Skipped {
    std::string reason = {}; ///< equal for the same breakage, see Breakage; empty = unknown
};

using Outcome = std::variant<Passed, Failed, Sampled, Skipped>;

/// Samples wanted of one commit, besides those taken or under way.
struct ProbeWish {
    CommitId commit;
    unsigned samples = 1;

    friend bool operator==(const ProbeWish&, const ProbeWish&) = default;
};

/// How a Bayesian search ended.
struct BayesConclusion {
    ConclusionKind kind = ConclusionKind::inconclusive;
    /// found: the culprit alone; found_with_skips: the commits that no test can tell apart, newest
    /// first; several_culprits: the ones wanted, older first; inconclusive: the likeliest ten.
    std::vector<Suspect> suspects = {};
    double probability = 0; ///< chance that the answer is right
    std::string text;       ///< for people, with the numbers
};

/// Search for the first bad commit by the posterior probability of every commit of the range and of
/// "there is no culprit", given noisy outcomes. See docs/statistics.md.
///
/// First both ends are tried until they are known to differ, then the commits that tell most for
/// what they cost. Value type (the graph is shared), pure, not thread-safe, not even for reading.
/// The same outcomes in the same order give the same answers.
class BayesSearch {
public:
    /// @param range  its first node is the bad end, from which all others are reachable.
    /// @param good   an ancestor of bad outside the range.
    /// @return diagnostics when that does not hold or the policy is out of range.
    [[nodiscard]] static Parsed<BayesSearch> create(CommitGraph range, const CommitId& good,
                                                    const BayesPolicy& policy);

    /// @throws Error bad_input  for an outcome of the wrong sort or a value that is not finite;
    ///                          not_found for a commit that is neither in the range nor `good`.
    void record(const CommitId& commit, const Outcome& outcome);

    /// Both builds are the same artefact: both commits are good, or both bad.
    /// @throws Error not_found  as record().
    void same_artefact(const CommitId& a, const CommitId& b);

    /// Samples to take now, most important first, `count` in all at most. Empty once there is a
    /// conclusion, or when what is under way has to be awaited.
    /// @param pending  samples under way, one entry each.
    [[nodiscard]] std::vector<ProbeWish> next(std::size_t count, const ProbeCosts& costs = {},
                                              const std::vector<CommitId>& pending = {}) const;

    /// Nothing while the search has to go on.
    [[nodiscard]] std::optional<BayesConclusion> conclusion() const;

    /// Commits that may be the culprit, likeliest first, equal ones by id; `most` at most.
    [[nodiscard]] std::vector<Suspect> posterior(std::size_t most) const;

    /// Chance that the ends do not differ.
    [[nodiscard]] double no_culprit() const;

    /// Chance that there are two culprits, as far as it was looked at; 0 before that.
    [[nodiscard]] double two_culprits() const;

    /// Chance that the commit is bad: that the culprit is among its ancestors or it is itself.
    /// @throws Error not_found  as record().
    [[nodiscard]] double chance_bad(const CommitId& commit) const;

    /// Entropy of "which commit is the culprit", in bits.
    [[nodiscard]] double entropy() const;

    /// What is expected of good and bad commits, in badness; see Outcomes.
    [[nodiscard]] ExpectedLevels expected() const;

    /// What values tell if the commit is the culprit; see Outcomes::ratio_of_any_shape().
    /// @throws Error not_found  when the range does not hold the commit.
    [[nodiscard]] std::optional<ValueRatio> ratio_of_any_shape(const CommitId& culprit) const {
        return outcomes_.ratio_of_any_shape(
            outcomes_.classes().class_of()[range_->index_of(culprit)]);
    }

    /// Whether it is still asked if the ends differ at all.
    [[nodiscard]] bool at_ends() const { return state().stage == Stage::ends; }

    /// What was seen of both ends, for people.
    [[nodiscard]] std::string ends_text() const;

    /// Samples that are still needed, roughly: entropy left / capacity of one sample
    /// + log2(1 / risk) / divergence of one sample.
    [[nodiscard]] std::size_t samples_left() const;

    [[nodiscard]] const CommitGraph& range() const noexcept { return *range_; }
    [[nodiscard]] std::size_t samples() const noexcept { return outcomes_.count(); }

private:
    enum class Stage { ends, commits, concluded };

    /// What follows from the outcomes so far; made when it is asked for.
    struct State {
        Stage stage = Stage::ends;
        Chances chances;
        std::vector<double> mass = {}; ///< by commit, what the choice goes by
        ExpectedLevels expected = {};  ///< the levels to tell apart,
        std::optional<Predictions> predictions =
            {}; ///< and those of each hypothesis, if they differ

        std::optional<CommitIndex> lone = {}; ///< take another sample of this one first
        double two_culprits = 0;
        std::optional<BayesConclusion> conclusion = {};
    };

    BayesSearch(std::shared_ptr<const CommitGraph> range, CommitId good, const BayesPolicy& policy,
                Outcomes outcomes);

    [[nodiscard]] const State& state() const;
    [[nodiscard]] ProbeField probe_field(const std::vector<double>& mass, const Channel& told,
                                         const Predictions* predictions) const;
    [[nodiscard]] State evaluate() const;
    void look_at_ends(State& state) const;
    void look_at_commits(State& state) const;
    void look_at_two_culprits(State& state, const std::optional<BayesConclusion>& single) const;
    void look_for_both(State& state, const TwoCulprits& two, const std::vector<double>& first,
                       const std::vector<double>& second) const;
    [[nodiscard]] std::vector<double> share_out(const std::vector<double>& by_class) const;
    [[nodiscard]] CommitIndex most_contested(const TwoCulprits& two,
                                             const BayesConclusion& single) const;
    [[nodiscard]] std::string several_text(const std::array<double, 3>& levels) const;
    void give_up_if_spent(State& state) const;
    [[nodiscard]] std::optional<BayesConclusion> settled(const std::vector<double>& mass) const;
    [[nodiscard]] std::optional<CommitIndex> lone_decider(const BayesConclusion& found,
                                                          const ExpectedLevels& expected) const;
    [[nodiscard]] BayesConclusion inconclusive(const State& state, const std::string& why) const;
    [[nodiscard]] std::vector<double>
    spread_over_commits(const std::vector<double>& by_class) const;
    [[nodiscard]] Predictions predictions_of(const Chances& chances) const;
    [[nodiscard]] std::vector<Suspect> likeliest(const std::vector<double>& mass,
                                                 std::size_t most) const;
    [[nodiscard]] std::vector<ProbeWish> end_wishes(std::size_t count,
                                                    const std::vector<CommitId>& pending) const;
    [[nodiscard]] Channel channel(const ExpectedLevels& expected) const;
    [[nodiscard]] double badness(double value) const;
    [[nodiscard]] bool ends_are_tried() const;
    [[nodiscard]] bool is_confirmed_later(CommitIndex commit, CommitIndex answer,
                                          const ExpectedLevels& expected) const;
    [[nodiscard]] double chance_good_end_is_bad() const;
    [[nodiscard]] std::string not_good_text() const;
    [[nodiscard]] std::string excluded_rate_text() const;
    [[nodiscard]] bool levels_are_clear(const State& state) const;
    [[nodiscard]] bool learns() const;
    [[nodiscard]] std::size_t least_end_samples() const;
    [[nodiscard]] bool may_be_plain() const;

    std::shared_ptr<const CommitGraph> range_;
    std::shared_ptr<const AncestorSums> sums_;
    CommitId good_;
    BayesPolicy policy_;
    Outcomes outcomes_;
    std::vector<char> testable_; ///< by commit index
    Breakage breakage_;
    bool any_skipped_ = false;
    std::optional<std::string> unusable_end_;
    mutable std::optional<std::vector<double>> chances_testable_; ///< of breakage_
    mutable std::optional<State> state_;
};

} // namespace lab::core
