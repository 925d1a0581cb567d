// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"
#include "core/level_model.h"
#include "core/observation.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lab::core {

/// What a search has learned of good and bad commits.
struct LearnedLevels {
    ExpectedLevels expected;
    std::optional<ValueRatio> ratio = {}; ///< absent: runs, or values with about normal noise
};

/// Last part of a Bayesian bisection: whether the commit found and its parent behave the same when
/// they are built from nothing. A fold over outcomes; pure, not thread-safe.
///
/// Runs that pass or fail: each side is judged by its own outcomes alone. With good and bad equally
/// likely beforehand, the chance that it is bad follows from the levels the search has learned; one
/// run moves the odds by a factor of 50 at most, the share of outliers of LevelModel. A side agrees
/// from a chance of 0.9 on; after 8 runs it may stand undecided, for the search counts them too.
///
/// A metric: the two sides must lie apart as the levels do, with 20 times the evidence of both
/// being at one level. These samples are fresh, so a level between good and bad that chance has
/// split in the search is found out here. See log_evidence_of_step(). Where the noise is not about
/// normal, each side has to be as it is expected with 20 times the evidence of the other level.
/// Where the levels lie plainly
/// apart, that takes two samples of each side at least.
///
/// Where a side's clean build gives the artefact that the search tried, that one's samples are its
/// own: runs count at once; samples of a metric, which have chosen the place among all commits of
/// the range, when both sides have theirs and the evidence is as many times larger. The one sample
/// that did so is not counted where the levels lie plainly apart.
///
/// In both cases a side contradicts when the chance that it is as expected falls below a tenth of
/// the bisection's risk.
class CleanCheck {
public:
    /// Chance from which on a side of runs agrees.
    static constexpr double agreement = 0.9;

    /// @param parent  absent when it cannot be tried, for example because it was skipped.
    CleanCheck(const CommitId& bad, const std::optional<CommitId>& parent, LearnedLevels levels,
               double confidence);

    /// @param badness  of one sample; 0 or 1 for a run that passed or failed.
    void record(TaskKind kind, double badness);

    /// Whether nothing has kept the side from being tried so far.
    [[nodiscard]] bool can_judge(TaskKind kind) const;

    /// Whether it is about this commit on this side.
    [[nodiscard]] bool asks(const CommitId& commit, TaskKind kind) const;

    /// The clean build is the artefact that the search tried; once a side.
    /// @param badness  of the search's samples of the commit, as for record().
    /// @param commits  among which the search has chosen.
    void built_same(TaskKind kind, std::span<const double> badness, std::size_t commits);

    /// The clean build gave no sample.
    void cannot_judge(TaskKind kind, std::string why);

    /// The side that needs a sample most; `under_way` counts samples of the bad commit and of its
    /// parent that are being taken. Nothing when none is wanted.
    [[nodiscard]] std::optional<TaskKind> wanted(unsigned bad_under_way,
                                                 unsigned parent_under_way) const;

    [[nodiscard]] bool done() const;

    /// Which side did not reproduce; nothing when the commit stands.
    [[nodiscard]] std::optional<std::string> contradiction() const;

    /// Why the parent could not be tried from a clean build; nothing when it was.
    [[nodiscard]] std::optional<std::string> parent_note() const;

    [[nodiscard]] const CommitId& bad() const noexcept { return sides_.front().commit; }
    [[nodiscard]] std::optional<CommitId> parent() const;

    /// Chance that the commit is bad, by its clean builds alone.
    [[nodiscard]] double chance_bad(TaskKind kind) const;

private:
    struct Side {
        CommitId commit;
        TaskKind kind = TaskKind::confirm_bad;
        std::vector<double> samples = {}; ///< badness, of the clean build itself
        std::vector<double> earlier = {}; ///< and of the same artefact, in the search
        double log_odds = 0;              ///< of bad against good
        std::optional<std::string> unusable = {};
    };

    [[nodiscard]] double log_likelihood_ratio(double badness) const;
    [[nodiscard]] double chance_as_expected(const Side& side) const;
    [[nodiscard]] bool settled(const Side& side) const;
    [[nodiscard]] bool compares() const;
    [[nodiscard]] bool lies_plainly() const;
    [[nodiscard]] std::size_t least_compared() const;
    [[nodiscard]] bool wavers(TaskKind kind, std::span<const double> samples) const;
    [[nodiscard]] std::size_t most_samples() const;
    [[nodiscard]] double evidence_of_step(const std::vector<double>& bad,
                                          const std::vector<double>& parent) const;
    [[nodiscard]] bool stands_apart() const;
    [[nodiscard]] bool stood_apart() const;
    [[nodiscard]] Side* side_of(TaskKind kind);

    std::vector<Side> sides_; ///< one or two, the bad commit first
    ExpectedLevels levels_;
    std::optional<ValueRatio> ratio_;
    double confidence_;
    std::size_t commits_ = 1; ///< among which the earlier samples have chosen
};

} // namespace lab::core
