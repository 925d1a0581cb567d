// SPDX-License-Identifier: Apache-2.0
// Evidence of a second culprit: the part of Outcomes that compares three and four levels.
#include "core/numbers.h"
#include "core/outcomes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace lab::core {
namespace {

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

/// Expected levels behind none, behind the first alone, behind both.
std::array<double, 3> levels_of(const LevelModel& model, const LevelGroups& groups) {
    const auto centre = model.expected_level(groups.centre);
    const auto one = model.expected_level(groups.one);
    return groups.apart ? std::array{centre, one, model.expected_level(*groups.apart)}
                        : std::array{one, centre, model.expected_level(groups.other)};
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

/// Of a culprit behind the other: behind none, the first alone, both. The first alone is the
/// centre. Nothing when no outcome of it was seen.
std::optional<LevelGroups> Outcomes::groups_of(const Pair& pair, const LevelTable& all,
                                               const std::vector<Behind>& behind) const {
    const auto& first = behind[pair.first];
    const auto& second = behind[pair.second];
    if (!covers(classes_.bad_marks(pair.first), classes_.bad_marks(pair.second))) {
        return groups_apart(pair);
    }
    if (first.marks == second.marks) {
        return std::nullopt;
    }
    LevelGroups groups{first.table, all, second.table};
    add(groups.centre, second.table, -1);
    add(groups.one, first.table, -1);
    return groups;
}

/// Of culprits on two branches: behind none is the centre, behind each alone its neighbours. Where
/// both are, any level is possible.
std::optional<LevelGroups> Outcomes::groups_apart(const Pair& pair) const {
    const auto nothing = model_->nothing();
    LevelGroups groups{good_end_, nothing, nothing, nothing};
    std::size_t of_one = 0;
    std::size_t of_other = 0;
    for (std::size_t mark = 0; mark < tables_.size(); ++mark) {
        if (counts_[mark] == 0) {
            continue;
        }
        const bool one = classes_.makes_bad(pair.first, mark);
        const bool other = classes_.makes_bad(pair.second, mark);
        of_one += one && !other ? 1 : 0;
        of_other += other && !one ? 1 : 0;
        auto& group =
            one ? (other ? *groups.apart : groups.one) : (other ? groups.other : groups.centre);
        add(group, tables_[mark], 1);
    }
    return of_one > 0 && of_other > 0 ? std::optional(std::move(groups)) : std::nullopt;
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
        if (!groups) {
            return;
        }
        const double share =
            2 * classes_.weight(one) * classes_.weight(other) / (commits * commits);
        pair.log_weight = std::log(share) + model_->steps_around(*groups);
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
    TwoCulprits result{minus_infinity,
                       {},
                       std::vector<double>(classes_.size(), 0),
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
        result.pairs.push_back({pair.first, pair.second, chance});
    }
    result.log_evidence = best->log_weight + std::log(sum);
    const auto groups = groups_of(*best, all, behind_class);
    result.levels = levels_of(*model_, *groups);
    result.spread = single.expected.spread;
    return result;
}

} // namespace lab::core
