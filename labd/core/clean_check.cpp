// SPDX-License-Identifier: Apache-2.0
#include "core/clean_check.h"

#include "core/plain_gap.h"
#include "core/step_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace lab::core {
namespace {

constexpr std::size_t most_runs = 8;

/// Evidence that the sides of a metric lie apart, as a factor.
constexpr double least_evidence = 20;

/// Samples of a side at least where the levels lie plainly apart: the search has not asked again
/// for what it saw once.
constexpr std::size_t least_of_plain = 2;

/// Samples of a side at most, as a multiple of those that are needed on average.
constexpr double patience = 8;

/// Of the risk: two sides are asked, and a flake must not undo what many samples have shown.
constexpr double contradiction_share = 0.1;

} // namespace

CleanCheck::CleanCheck(const CommitId& bad, const std::optional<CommitId>& parent,
                       LearnedLevels levels, double confidence)
    : sides_{Side{bad, TaskKind::confirm_bad}}, levels_(levels.expected),
      ratio_(std::move(levels.ratio)), confidence_(confidence) {
    if (parent) {
        sides_.push_back(Side{*parent, TaskKind::confirm_parent});
    }
}

CleanCheck::Side* CleanCheck::side_of(TaskKind kind) {
    const auto found = std::find_if(sides_.begin(), sides_.end(),
                                    [&](const Side& side) { return side.kind == kind; });
    return found == sides_.end() ? nullptr : &*found;
}

double CleanCheck::log_likelihood_ratio(double badness) const {
    double ratio = 0;
    if (ratio_) {
        ratio = (*ratio_)(badness);
    } else if (levels_.spread > 0) {
        const double good = (badness - levels_.good) / levels_.spread;
        const double bad = (badness - levels_.bad) / levels_.spread;
        ratio = (good * good - bad * bad) / 2;
    } else {
        ratio = badness > 0 ? std::log(levels_.bad / levels_.good)
                            : std::log((1 - levels_.bad) / (1 - levels_.good));
    }
    const double limit = -std::log(outlier_share);
    return std::clamp(ratio, -limit, limit);
}

void CleanCheck::record(TaskKind kind, double badness) {
    if (auto* side = side_of(kind)) {
        side->log_odds += log_likelihood_ratio(badness);
        side->samples.push_back(badness);
    }
}

void CleanCheck::built_same(TaskKind kind, std::span<const double> badness, std::size_t commits) {
    commits_ = commits;
    if (auto* side = side_of(kind)) {
        side->earlier.assign(badness.begin(), badness.end());
        for (const double sample : badness) {
            side->log_odds += log_likelihood_ratio(sample);
        }
    }
}

bool CleanCheck::asks(const CommitId& commit, TaskKind kind) const {
    return std::any_of(sides_.begin(), sides_.end(), [&](const Side& side) {
        return side.commit == commit && side.kind == kind;
    });
}

bool CleanCheck::can_judge(TaskKind kind) const {
    return std::any_of(sides_.begin(), sides_.end(),
                       [&](const Side& side) { return side.kind == kind && !side.unusable; });
}

void CleanCheck::cannot_judge(TaskKind kind, std::string why) {
    if (auto* side = side_of(kind)) {
        side->unusable = std::move(why);
    }
}

double CleanCheck::chance_as_expected(const Side& side) const {
    const double sign = side.kind == TaskKind::confirm_bad ? 1 : -1;
    return 1 / (1 + std::exp(-sign * side.log_odds));
}

double CleanCheck::chance_bad(TaskKind kind) const {
    for (const auto& side : sides_) {
        if (side.kind == kind) {
            return 1 / (1 + std::exp(-side.log_odds));
        }
    }
    return 0.5;
}

/// Whether the two sides are compared with each other, and not each with the levels.
bool CleanCheck::compares() const {
    return levels_.spread > 0 && sides_.size() == 2 && !sides_[0].unusable && !sides_[1].unusable;
}

std::size_t CleanCheck::most_samples() const {
    if (!compares()) {
        return most_runs;
    }
    // n samples of each side give n * step^2 / 4 of log evidence on average.
    const double step = (levels_.bad - levels_.good) / levels_.spread;
    const double usual = 4 * std::log(least_evidence) / (step * step);
    return std::max(most_runs, static_cast<std::size_t>(patience * usual));
}

bool CleanCheck::lies_plainly() const {
    return levels_.bad - levels_.good >= plain_steps * levels_.spread;
}

std::size_t CleanCheck::least_compared() const {
    return lies_plainly() ? least_of_plain : 1;
}

/// Whether a sample of the side is nearer to the other side's level.
bool CleanCheck::wavers(TaskKind kind, std::span<const double> samples) const {
    const double middle = (levels_.good + levels_.bad) / 2;
    return std::any_of(samples.begin(), samples.end(), [&](double sample) {
        return (sample > middle) != (kind == TaskKind::confirm_bad);
    });
}

double CleanCheck::evidence_of_step(const std::vector<double>& bad,
                                    const std::vector<double>& parent) const {
    if (!ratio_) {
        return log_evidence_of_step(parent, bad, levels_);
    }
    const auto sum = [&](const std::vector<double>& samples) {
        return std::accumulate(
            samples.begin(), samples.end(), 0.0,
            [&](double so_far, double sample) { return so_far + log_likelihood_ratio(sample); });
    };
    return std::min(sum(bad), -sum(parent));
}

bool CleanCheck::stands_apart() const {
    return evidence_of_step(sides_[0].samples, sides_[1].samples) >= std::log(least_evidence);
}

/// The same by the samples of the search as well, which have to say more than that: they have
/// chosen this place. The one that did so counts for nothing where a single one decides: it may be
/// the other level's by chance. One that was seen at both levels is not plain after all, and only
/// fresh samples count.
bool CleanCheck::stood_apart() const {
    std::array<std::vector<double>, 2> all;
    for (std::size_t side = 0; side < all.size(); ++side) {
        all[side] = sides_[side].samples;
        const auto& earlier = sides_[side].earlier;
        all[side].insert(all[side].end(), earlier.begin(), earlier.end());
        if (earlier.empty() || all[side].size() < least_compared() + 1) {
            return false;
        }
        if (lies_plainly() && wavers(sides_[side].kind, all[side])) {
            return false;
        }
    }
    return evidence_of_step(all[0], all[1]) >=
           std::log(least_evidence * static_cast<double>(commits_));
}

bool CleanCheck::settled(const Side& side) const {
    if (side.unusable || side.samples.size() >= most_samples()) {
        return true;
    }
    if (compares()) {
        return (side.samples.size() >= least_compared() && stands_apart()) || stood_apart();
    }
    const bool tried = !side.samples.empty() || !side.earlier.empty();
    return tried && chance_as_expected(side) >= agreement;
}

std::optional<TaskKind> CleanCheck::wanted(unsigned bad_under_way,
                                           unsigned parent_under_way) const {
    std::optional<TaskKind> best;
    auto least = most_samples();
    for (const auto& side : sides_) {
        const bool is_bad = side.kind == TaskKind::confirm_bad;
        const auto count = side.samples.size() + (is_bad ? bad_under_way : parent_under_way);
        if (!settled(side) && count < least) {
            best = side.kind;
            least = count;
        }
    }
    return best;
}

bool CleanCheck::done() const {
    return contradiction() || std::all_of(sides_.begin(), sides_.end(),
                                          [&](const Side& side) { return settled(side); });
}

std::optional<std::string> CleanCheck::contradiction() const {
    const auto& bad = sides_.front();
    if (bad.unusable) {
        return "the verdict on " + bad.commit.hex() +
               " could not be confirmed from a clean full build: " + *bad.unusable;
    }
    for (const auto& side : sides_) {
        if (side.unusable || chance_as_expected(side) > contradiction_share * (1 - confidence_)) {
            continue;
        }
        const bool is_bad = side.kind == TaskKind::confirm_bad;
        return std::string("the verdict on ") + (is_bad ? "" : "the parent ") + side.commit.hex() +
               " did not reproduce: " + (is_bad ? "bad" : "good") + " in the search, " +
               (is_bad ? "good" : "bad") + " from a clean full build (" +
               std::to_string(side.samples.size()) +
               (side.samples.size() == 1 ? " sample)" : " samples)") + builds_disagree;
    }
    const bool spent = std::all_of(sides_.begin(), sides_.end(), [&](const Side& side) {
        return side.samples.size() >= most_samples();
    });
    if (compares() && spent && !stands_apart() && !stood_apart()) {
        return bad.commit.hex() + " and its parent " + sides_[1].commit.hex() +
               " do not differ clearly enough from clean full builds (" +
               std::to_string(bad.samples.size()) + " samples each)";
    }
    return std::nullopt;
}

std::optional<std::string> CleanCheck::parent_note() const {
    if (sides_.size() > 1 && sides_.back().unusable) {
        return "the parent " + sides_.back().commit.hex() +
               " could not be confirmed from a clean full build: " + *sides_.back().unusable;
    }
    return std::nullopt;
}

std::optional<CommitId> CleanCheck::parent() const {
    return sides_.size() > 1 ? std::optional(sides_.back().commit) : std::nullopt;
}

} // namespace lab::core
