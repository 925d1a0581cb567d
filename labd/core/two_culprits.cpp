// SPDX-License-Identifier: Apache-2.0
// Evidence of a second culprit: the part of Outcomes that compares three and four levels.
#include "core/outcomes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace lab::core {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// Classes that are paired at most: those that explain the outcomes best alone.
constexpr std::size_t most_paired = 24;

/// One pair of classes that a culprit each lies in.
struct Pair {
    std::size_t first;
    std::size_t second;
    double log_weight; ///< with the evidence
};

std::vector<std::size_t> best_classes(const CulpritClasses& classes,
                                      const std::vector<double>& chances) {
    std::vector<std::size_t> order;
    for (std::size_t culprits = 0; culprits < classes.size(); ++culprits) {
        if (classes.weight(culprits) > 0 && classes.possible(culprits)) {
            order.push_back(culprits);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return chances[a] > chances[b]; });
    order.resize(std::min(order.size(), most_paired));
    return order;
}

/// Whether everything that `second` makes bad is made bad by `first` as well.
bool covers(const std::vector<char>& first, const std::vector<char>& second) {
    for (std::size_t mark = 0; mark < first.size(); ++mark) {
        if (second[mark] > first[mark]) {
            return false;
        }
    }
    return true;
}

/// Place of a commit's outcomes: behind none, the first alone, the second alone, both.
enum Group : std::size_t { behind_none, behind_first, behind_second, behind_both };

} // namespace

double Outcomes::commits_that_count() const {
    double commits = 0;
    for (std::size_t culprits = 0; culprits < classes_.size(); ++culprits) {
        commits += classes_.weight(culprits);
    }
    return commits;
}

std::array<LevelTable, 4> Outcomes::groups_of(std::size_t first, std::size_t second) const {
    std::array<LevelTable, 4> groups;
    groups[behind_none] = good_end_;
    for (std::size_t mark = 0; mark < tables_.size(); ++mark) {
        if (counts_[mark] == 0) {
            continue;
        }
        const std::size_t at = (classes_.makes_bad(first, mark) ? 1U : 0U) +
                               (classes_.makes_bad(second, mark) ? 2U : 0U);
        if (groups[at].empty()) {
            groups[at] = tables_[mark];
            continue;
        }
        for (std::size_t cell = 0; cell < tables_[mark].size(); ++cell) {
            groups[at][cell] += tables_[mark][cell];
        }
    }
    return groups;
}

double Outcomes::pair_evidence(std::size_t first, std::size_t second) const {
    const auto groups = groups_of(first, second);
    const bool nested = covers(classes_.bad_marks(first), classes_.bad_marks(second));
    if (groups[behind_first].empty() || (!nested && groups[behind_second].empty())) {
        return minus_infinity; // nothing was seen of one of them alone
    }
    std::vector<LevelTable> seen;
    for (const auto& group : groups) {
        if (!group.empty()) {
            seen.push_back(group);
        }
    }
    return model_->separate_levels(seen);
}

TwoCulprits Outcomes::two_culprits() const {
    TwoCulprits result{minus_infinity, std::vector<double>(classes_.size(), 0),
                       std::vector<double>(classes_.size(), 0)};
    if (!model_ || model_->is_known()) {
        return result;
    }
    const auto single = chances(0);
    const auto order = best_classes(classes_, single.of_commit);
    const double commits = commits_that_count();
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t j = i + 1; j < order.size(); ++j) {
            const bool turned = !covers(classes_.bad_marks(order[i]), classes_.bad_marks(order[j]));
            const auto first = order[turned ? j : i];
            const auto second = order[turned ? i : j];
            const double share =
                2 * classes_.weight(first) * classes_.weight(second) / (commits * commits);
            pairs.push_back({first, second, std::log(share) + pair_evidence(first, second)});
        }
    }
    const auto best =
        std::max_element(pairs.begin(), pairs.end(),
                         [](const Pair& a, const Pair& b) { return a.log_weight < b.log_weight; });
    if (best == pairs.end() || best->log_weight == minus_infinity) {
        return result;
    }
    double sum = 0;
    for (const auto& pair : pairs) {
        sum += std::exp(pair.log_weight - best->log_weight);
    }
    for (const auto& pair : pairs) {
        const double chance = std::exp(pair.log_weight - best->log_weight) / sum;
        result.first[pair.first] += chance;
        result.second[pair.second] += chance;
    }
    result.log_evidence = best->log_weight + std::log(sum);
    const auto groups = groups_of(best->first, best->second);
    result.levels = {model_->expected_level(groups[behind_none]),
                     model_->expected_level(groups[behind_first]),
                     model_->expected_level(groups[behind_both])};
    result.spread = single.expected.spread;
    return result;
}

} // namespace lab::core
