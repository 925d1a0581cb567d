// SPDX-License-Identifier: Apache-2.0
#include "core/breakage.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>

namespace lab::core {
namespace {

constexpr double least_length = 2;                    ///< mean of breakages, in commits
constexpr double length_ratio = 4;                    ///< of neighbours in the grid
constexpr std::array single_shares{0.01, 0.06, 0.25}; ///< of whole commits, broken by themselves
constexpr double reasons_beyond = 4;                  ///< that were not seen yet, in all
constexpr std::size_t most_reasons = 32;              ///< that are told apart
constexpr double negligible_weight = 1e-3;            ///< of a point of the grid beside the best

/// What was seen of a commit, beside the number of a reason.
constexpr int whole = -2;   ///< it can be tested
constexpr int unknown = -1; ///< it cannot, for a reason that nobody knows

/// One point of the grid.
struct Habits {
    double opens = 0;  ///< rate at which breakages begin, by commit
    double closes = 0; ///< and at which they end
    double single = 0; ///< chance that a whole commit is broken by itself
};

/// Weights of the states at one commit: whole, broken for each known reason, and for any other.
struct States {
    double whole = 0;
    std::vector<double> broken; ///< the last one is "any other reason"

    [[nodiscard]] double all_broken() const {
        return std::accumulate(broken.begin(), broken.end(), 0.0);
    }
};

/// How states at a distance depend on each other.
struct Step {
    double stays = 1;      ///< a breakage did not end
    double breaks = 0;     ///< whole -> broken
    double broken_too = 1; ///< broken -> broken, the same one or another
};

Step step_of(const Habits& habits, double distance) {
    const double share = habits.opens / (habits.opens + habits.closes);
    const double forgets = std::exp(-(habits.opens + habits.closes) * distance);
    return {std::exp(-habits.closes * distance), share * (1 - forgets),
            share + (1 - share) * forgets};
}

/// A commit tried, and where it lies among the others.
struct Seen {
    std::optional<CommitIndex> commit; ///< absent: the good end
    int reason = whole;
    double ancestors = 0;             ///< of it in the range, itself included
    std::vector<double> common;       ///< by commit: ancestors of both
    std::optional<std::size_t> older; ///< nearest one that is rather older,
    std::optional<std::size_t> newer; ///< and that is rather newer
};

struct Neighbour {
    std::optional<std::size_t> seen;
    double distance = std::numeric_limits<double>::infinity();

    void offer(std::size_t other, double at) {
        if (at < distance) {
            seen = other;
            distance = at;
        }
    }
};

/// The nearest commits tried on both sides of a commit.
struct Neighbours {
    Neighbour older;
    Neighbour newer;
};

/// All commits tried, oldest first, and the distances between.
class Tried {
public:
    Tried(const CommitGraph& range, const AncestorSums& sums,
          const std::map<CommitIndex, int>& seen)
        : ancestors_(sums.of(std::vector<double>(range.size(), 1))) {
        seen_.push_back({{}, whole, 0, std::vector<double>(range.size(), 0), {}, {}});
        for (auto at = seen.rbegin(); at != seen.rend(); ++at) {
            const auto inside = ancestors_of(range, at->first);
            const std::vector<double> mass(inside.begin(), inside.end());
            seen_.push_back({at->first, at->second, ancestors_[at->first], sums.of(mass), {}, {}});
        }
    }

    [[nodiscard]] const std::vector<Seen>& all() const { return seen_; }

    /// Of a commit, among those tried but itself. Of two that differ by as much in both ways, the
    /// one that comes earlier in the order of all counts as the older.
    [[nodiscard]] Neighbours around(CommitIndex commit) const {
        Neighbours near;
        for (std::size_t other = 0; other < seen_.size(); ++other) {
            const auto& seen = seen_[other];
            if (seen.commit == commit) {
                continue;
            }
            const double only_here = ancestors_[commit] - seen.common[commit];
            const double only_there = seen.ancestors - seen.common[commit];
            const bool tie_older = !seen.commit || *seen.commit > commit;
            const bool older = only_here != only_there ? only_there < only_here : tie_older;
            (older ? near.older : near.newer).offer(other, only_here + only_there);
        }
        return near;
    }

private:
    std::vector<double> ancestors_;
    std::vector<Seen> seen_;
};

/// Weights of the states at all commits tried, for one point of the grid.
class Messages {
public:
    Messages(const Tried& tried, const std::vector<Neighbours>& around, std::size_t reasons,
             const Habits& habits)
        : tried_(tried), around_(around), habits_(habits),
          share_(1 / (static_cast<double>(reasons) + reasons_beyond)), reasons_(reasons) {
        const auto count = tried.all().size();
        forward_.reserve(count);
        backward_.resize(count);
        for (std::size_t at = 0; at < count; ++at) {
            forward_.push_back(forward_at(at));
        }
        for (std::size_t at = count; at-- > 0;) {
            backward_[at] = backward_at(at);
        }
    }

    [[nodiscard]] double log_evidence() const { return log_evidence_; }

    /// Chance that a commit with these neighbours can be tested.
    [[nodiscard]] double testable(const Neighbours& near) const {
        const auto& older = forward_[*near.older.seen];
        const auto before = step_of(habits_, near.older.distance);
        const double broken_before = older.all_broken();
        double whole = older.whole * (1 - before.breaks) + broken_before * (1 - before.broken_too);
        double broken = older.whole * before.breaks + broken_before * before.broken_too;
        if (near.newer.seen) {
            // sum over the reasons of moved() * told_by(), without making either
            const auto& newer = backward_[*near.newer.seen];
            const auto after = step_of(habits_, near.newer.distance);
            const double mean = mean_of(newer);
            const double fresh =
                older.whole * before.breaks + broken_before * (before.broken_too - before.stays);
            const double other = other_of(newer, after, mean);
            whole *= newer.whole * (1 - after.breaks) + mean * after.breaks;
            broken = before.stays * (after.stays * product(older, newer) + other * broken_before) +
                     fresh * (after.stays * mean + other);
        }
        return whole > 0 ? (1 - habits_.single) * whole / (whole + broken) : 0;
    }

private:
    [[nodiscard]] double share_of(std::size_t reason) const {
        return reason < reasons_ ? share_ : share_ * reasons_beyond;
    }

    /// Mean weight of a breakage that has just begun.
    [[nodiscard]] double mean_of(const States& states) const {
        double mean = 0;
        for (std::size_t i = 0; i < states.broken.size(); ++i) {
            mean += states.broken[i] * share_of(i);
        }
        return mean;
    }

    /// Weight of all that may follow a breakage that has ended.
    static double other_of(const States& there, const Step& step, double mean) {
        return mean * (step.broken_too - step.stays) + there.whole * (1 - step.broken_too);
    }

    static double product(const States& a, const States& b) {
        return std::inner_product(a.broken.begin(), a.broken.end(), b.broken.begin(), 0.0);
    }

    /// The chance of what was seen at a commit, by its state.
    [[nodiscard]] States emission(int reason) const {
        States states{0, std::vector<double>(reasons_ + 1, 0)};
        if (reason == whole) {
            states.whole = 1 - habits_.single;
        } else if (reason == unknown) {
            states.whole = habits_.single;
            std::fill(states.broken.begin(), states.broken.end(), 1.0);
        } else {
            states.whole = habits_.single * share_;
            states.broken[static_cast<std::size_t>(reason)] = 1;
        }
        return states;
    }

    /// The states at a distance from a commit with these states.
    [[nodiscard]] States moved(const States& from, double distance) const {
        const auto step = step_of(habits_, distance);
        const double broken = from.all_broken();
        States to{from.whole * (1 - step.breaks) + broken * (1 - step.broken_too), from.broken};
        const double fresh = from.whole * step.breaks + broken * (step.broken_too - step.stays);
        for (std::size_t i = 0; i < to.broken.size(); ++i) {
            to.broken[i] = from.broken[i] * step.stays + fresh * share_of(i);
        }
        return to;
    }

    /// The chance of all that was seen at a commit and beyond it, by the states at a distance.
    [[nodiscard]] States told_by(std::size_t at, double distance) const {
        const auto step = step_of(habits_, distance);
        const auto& there = backward_[at];
        const double mean = mean_of(there);
        States told{there.whole * (1 - step.breaks) + mean * step.breaks, there.broken};
        const double other = other_of(there, step, mean);
        for (auto& weight : told.broken) {
            weight = weight * step.stays + other;
        }
        return told;
    }

    States forward_at(std::size_t at) {
        auto states = emission(tried_.all()[at].reason);
        const auto& older = around_[at].older;
        if (older.seen && *older.seen < at) {
            const auto before = moved(forward_[*older.seen], older.distance);
            states.whole *= before.whole;
            for (std::size_t i = 0; i < states.broken.size(); ++i) {
                states.broken[i] *= before.broken[i];
            }
        }
        const double sum = states.whole + states.all_broken();
        if (at > 0) {
            log_evidence_ += std::log(sum);
        }
        return scaled(std::move(states), 1 / sum);
    }

    States backward_at(std::size_t at) {
        auto states = emission(tried_.all()[at].reason);
        const auto& newer = around_[at].newer;
        if (newer.seen && *newer.seen > at) {
            const auto after = told_by(*newer.seen, newer.distance);
            states.whole *= after.whole;
            for (std::size_t i = 0; i < states.broken.size(); ++i) {
                states.broken[i] *= after.broken[i];
            }
        }
        const double sum = states.whole + states.all_broken();
        return scaled(std::move(states), 1 / sum);
    }

    static States scaled(States states, double factor) {
        states.whole *= factor;
        for (auto& weight : states.broken) {
            weight *= factor;
        }
        return states;
    }

    const Tried& tried_;
    const std::vector<Neighbours>& around_;
    Habits habits_;
    double share_; ///< of each reason that was seen, among the reasons of a new breakage
    std::size_t reasons_;
    double log_evidence_ = 0;
    std::vector<States> forward_;
    std::vector<States> backward_;
};

std::vector<Habits> grid(std::size_t commits) {
    std::vector<Habits> all;
    const auto longest = static_cast<double>(2 * commits);
    for (double length = least_length; length <= longest; length *= length_ratio) {
        for (double gap = least_length; gap <= 2 * longest; gap *= length_ratio) {
            for (const double single : single_shares) {
                all.push_back({1 / gap, 1 / length, single});
            }
        }
    }
    return all;
}

} // namespace

bool Breakage::worked(CommitIndex commit) {
    return seen_.try_emplace(commit, whole).second;
}

void Breakage::broke(CommitIndex commit, const std::string& reason) {
    any_broken_ = true;
    auto number = unknown;
    if (!reason.empty() && (reasons_.contains(reason) || reasons_.size() < most_reasons)) {
        number = reasons_.try_emplace(reason, static_cast<int>(reasons_.size())).first->second;
    }
    seen_[commit] = number;
}

std::vector<double> Breakage::testable() const {
    std::vector<double> chances(range_->size(), 1);
    if (!any_broken_) {
        return chances;
    }
    const Tried tried(*range_, *sums_, seen_);
    std::vector<Neighbours> of_commits;
    for (CommitIndex commit = 0; commit < chances.size(); ++commit) {
        of_commits.push_back(tried.around(commit));
    }
    std::vector<Neighbours> of_tried(1);
    for (std::size_t at = 1; at < tried.all().size(); ++at) {
        of_tried.push_back(of_commits[*tried.all()[at].commit]);
    }
    std::fill(chances.begin(), chances.end(), 0.0);
    std::vector<Messages> points;
    double top = -std::numeric_limits<double>::infinity();
    for (const auto& habits : grid(range_->size())) {
        points.emplace_back(tried, of_tried, reasons_.size(), habits);
        top = std::max(top, points.back().log_evidence());
    }
    double total = 0;
    for (const auto& messages : points) {
        const double weight = std::exp(messages.log_evidence() - top);
        if (weight < negligible_weight) {
            continue;
        }
        total += weight;
        for (CommitIndex commit = 0; commit < chances.size(); ++commit) {
            chances[commit] += weight * messages.testable(of_commits[commit]);
        }
    }
    for (auto& chance : chances) {
        chance /= total;
    }
    for (const auto& [commit, reason] : seen_) {
        chances[commit] = reason == whole ? 1 : 0;
    }
    return chances;
}

} // namespace lab::core
