// SPDX-License-Identifier: Apache-2.0
// Evidence of a second culprit: the part of Outcomes that compares three and four levels.
#include "core/outcomes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace lab::core {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// Classes that are paired with every other one: those that explain the outcomes best alone.
constexpr std::size_t most_partners = 12;

/// Classes that are then all paired with each other: those of the best pairs.
constexpr std::size_t most_paired = 40;

/// The classes that can hold a culprit, the best first.
std::vector<std::size_t> ranked(const CulpritClasses& classes, const std::vector<double>& merits) {
    std::vector<std::size_t> order;
    for (std::size_t culprits = 0; culprits < classes.size(); ++culprits) {
        if (classes.weight(culprits) > 0 && classes.possible(culprits)) {
            order.push_back(culprits);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return merits[a] > merits[b]; });
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

/// Places of a commit's outcomes. Where the first covers the second there are only three groups.
enum Group : std::size_t { behind_none, behind_first, behind_both, behind_second };

void add(LevelTable& sum, const LevelTable& table, double times) {
    for (std::size_t cell = 0; cell < sum.size(); ++cell) {
        sum[cell] += times * table[cell];
    }
}

} // namespace

double Outcomes::commits_that_count() const {
    double commits = 0;
    for (std::size_t culprits = 0; culprits < classes_.size(); ++culprits) {
        commits += classes_.weight(culprits);
    }
    return commits;
}

Outcomes::Behind Outcomes::behind(std::size_t culprits) const {
    Behind behind{model_->nothing(), 0};
    for (std::size_t mark = 0; mark < tables_.size(); ++mark) {
        if (counts_[mark] > 0 && classes_.makes_bad(culprits, mark)) {
            add(behind.table, tables_[mark], 1);
            ++behind.marks;
        }
    }
    return behind;
}

/// Three groups when all that the second makes bad is made bad by the first as well, else four.
/// Empty when nothing was seen of one of them alone.
std::vector<LevelTable> Outcomes::groups_of(const Pair& pair, const LevelTable& all,
                                            const std::vector<Behind>& behind) const {
    const auto& first = behind[pair.first];
    const auto& second = behind[pair.second];
    if (!covers(classes_.bad_marks(pair.first), classes_.bad_marks(pair.second))) {
        return groups_apart(pair);
    }
    if (first.marks == second.marks) {
        return {};
    }
    std::vector<LevelTable> groups{all, first.table, second.table};
    add(groups[behind_none], first.table, -1);
    add(groups[behind_first], second.table, -1);
    return groups;
}

std::vector<LevelTable> Outcomes::groups_apart(const Pair& pair) const {
    std::vector<LevelTable> groups(4, model_->nothing());
    std::array<std::size_t, 4> marks{1, 0, 0, 0};
    groups[behind_none] = good_end_;
    for (std::size_t mark = 0; mark < tables_.size(); ++mark) {
        const bool second = classes_.makes_bad(pair.second, mark);
        const std::size_t at = classes_.makes_bad(pair.first, mark)
                                   ? (second ? behind_both : behind_first)
                                   : (second ? behind_second : behind_none);
        if (counts_[mark] > 0) {
            add(groups[at], tables_[mark], 1);
            ++marks[at];
        }
    }
    if (marks[behind_first] == 0 || marks[behind_second] == 0) {
        return {};
    }
    return groups;
}

/// Every class is paired with those that explain the outcomes best alone; then the classes of the
/// best pairs with each other. A class that explains little alone can be half of the best pair.
std::vector<Outcomes::Pair> Outcomes::pairs_of(const std::vector<std::size_t>& order,
                                               const LevelTable& all,
                                               const std::vector<Behind>& behind) const {
    const double commits = commits_that_count();
    std::map<std::pair<std::size_t, std::size_t>, Pair> pairs;
    std::vector<double> merits(classes_.size(), minus_infinity);
    const auto look_at = [&](std::size_t one, std::size_t other) {
        const auto [at, is_new] = pairs.try_emplace(std::minmax(one, other));
        if (!is_new) {
            return;
        }
        auto& pair = at->second;
        const bool turned = !covers(classes_.bad_marks(one), classes_.bad_marks(other));
        pair.first = turned ? other : one;
        pair.second = turned ? one : other;
        const auto groups = groups_of(pair, all, behind);
        if (groups.empty()) {
            return;
        }
        const double share =
            2 * classes_.weight(one) * classes_.weight(other) / (commits * commits);
        pair.log_weight = std::log(share) + model_->separate_levels(groups);
        merits[one] = std::max(merits[one], pair.log_weight);
        merits[other] = std::max(merits[other], pair.log_weight);
    };
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t j = 0; j < std::min(i, most_partners); ++j) {
            look_at(order[i], order[j]);
        }
    }
    const auto best = ranked(classes_, merits);
    for (std::size_t i = 0; i < std::min(best.size(), most_paired); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            look_at(best[i], best[j]);
        }
    }
    std::vector<Pair> all_pairs;
    for (const auto& [key, pair] : pairs) {
        all_pairs.push_back(pair);
    }
    return all_pairs;
}

TwoCulprits Outcomes::two_culprits() const {
    TwoCulprits result{minus_infinity, std::vector<double>(classes_.size(), 0),
                       std::vector<double>(classes_.size(), 0)};
    if (!model_ || model_->is_known()) {
        return result;
    }
    const auto single = chances(0);
    const auto order = ranked(classes_, single.of_commit);
    const auto all = total();
    std::vector<Behind> behind_class(classes_.size());
    for (const auto culprits : order) {
        behind_class[culprits] = behind(culprits);
    }
    const auto pairs = pairs_of(order, all, behind_class);
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
    const auto groups = groups_of(*best, all, behind_class);
    result.levels = {model_->expected_level(groups[behind_none]),
                     model_->expected_level(groups[behind_first]),
                     model_->expected_level(groups[behind_both])};
    result.spread = single.expected.spread;
    return result;
}

} // namespace lab::core
