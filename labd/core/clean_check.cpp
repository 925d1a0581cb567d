// SPDX-License-Identifier: Apache-2.0
#include "core/clean_check.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

constexpr unsigned most_clean_samples = 8;

/// Of the risk: two sides are asked, and a flake must not undo what many samples have shown.
constexpr double contradiction_share = 0.1;

} // namespace

CleanCheck::CleanCheck(const CommitId& bad, const std::optional<CommitId>& parent,
                       const ExpectedLevels& levels, double confidence)
    : sides_{Side{bad, TaskKind::confirm_bad}}, levels_(levels), confidence_(confidence) {
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
    if (levels_.spread > 0) {
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
        ++side->samples;
    }
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

bool CleanCheck::settled(const Side& side) const {
    return side.unusable || side.samples >= most_clean_samples ||
           (side.samples > 0 && chance_as_expected(side) >= agreement);
}

std::optional<TaskKind> CleanCheck::wanted(unsigned bad_under_way,
                                           unsigned parent_under_way) const {
    std::optional<TaskKind> best;
    unsigned least = most_clean_samples;
    for (const auto& side : sides_) {
        const bool is_bad = side.kind == TaskKind::confirm_bad;
        const unsigned count = side.samples + (is_bad ? bad_under_way : parent_under_way);
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
               std::to_string(side.samples) + (side.samples == 1 ? " sample)" : " samples)");
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
