// SPDX-License-Identifier: Apache-2.0
#include "core/level_model.h"
#include "core/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <stdexcept>

namespace lab::core {
namespace {

constexpr std::size_t rate_nodes = 48;
void require(bool holds, const char* message) {
    if (!holds) {
        throw std::domain_error(message);
    }
}

double clamp_rate(double rate) {
    return std::clamp(rate, least_rate, 1 - least_rate);
}

double largest(std::span<const double> values) {
    return *std::max_element(values.begin(), values.end());
}

/// exp(x) for x <= 0, and 0 where that is nothing beside 1.
double small_exp(double x) {
    return x < -30 ? 0 : std::exp(x);
}

/// log(sum of exp(values)).
double log_sum(std::span<const double> values) {
    const double top = largest(values);
    if (top == minus_infinity) {
        return top;
    }
    double sum = 0;
    for (const double value : values) {
        sum += small_exp(value - top);
    }
    return top + std::log(sum);
}

std::span<const double> cells_of(const LevelTable& table, std::size_t cells) {
    return std::span(table).first(cells);
}

/// log of exp(a) + exp(b).
double log_of_both(double a, double b) {
    const double top = std::max(a, b);
    return top == minus_infinity ? top : top + std::log(small_exp(a - top) + small_exp(b - top));
}

} // namespace

void add(LevelTable& sum, const LevelTable& table, double times) {
    for (std::size_t cell = 0; cell < sum.size(); ++cell) {
        sum[cell] += times * table[cell];
    }
}

LevelModel::LevelModel(std::vector<double> levels, std::vector<double> spreads)
    : levels_(std::move(levels)), spreads_(std::move(spreads)),
      log_node_prior_(-std::log(static_cast<double>(levels_.size()))),
      cells_(levels_.size() * spreads_.size()) {}

LevelModel LevelModel::known_rates(double good_fails, double bad_passes) {
    require(good_fails >= 0 && bad_passes >= 0 && good_fails + bad_passes < 1,
            "rates: out of range (0 or more, together less than 1)");
    LevelModel model({clamp_rate(good_fails), clamp_rate(1 - bad_passes)}, {0});
    for (const double level : model.levels_) {
        model.log_levels_.push_back(std::log(level));
        model.log_rests_.push_back(std::log1p(-level));
    }
    model.known_ = true;
    model.first_bad_ = {1, 2};
    model.pair_weight_ = {1};
    return model;
}

LevelModel LevelModel::learned_rates() {
    std::vector<double> levels;
    for (std::size_t node = 0; node < rate_nodes; ++node) {
        const double angle = std::numbers::pi * (2.0 * static_cast<double>(node) + 1) /
                             (4.0 * static_cast<double>(rate_nodes));
        levels.push_back(std::pow(std::sin(angle), 2));
    }
    LevelModel model(std::move(levels), {0});
    for (const double level : model.levels_) {
        model.log_levels_.push_back(std::log(level));
        model.log_rests_.push_back(std::log1p(-level));
    }
    model.allow_pairs(least_rate_gap);
    return model;
}

LevelModel LevelModel::known_levels(double good, double bad, double spread) {
    require(std::isfinite(good) && std::isfinite(bad) && std::isfinite(spread) && spread > 0 &&
                bad > good,
            "levels: out of range (finite, bad above good, spread above 0)");
    LevelModel model({good, bad}, {spread});
    model.known_ = true;
    model.first_bad_ = {1, 2};
    model.pair_weight_ = {1};
    model.outlier_centre_ = (good + bad) / 2;
    model.outlier_scale_ = std::max((bad - good) / 2, 3 * spread);
    return model;
}

void LevelModel::allow_pairs(double least_gap) {
    first_bad_.resize(cells_);
    ends_below_.resize(cells_);
    pair_weight_.resize(spreads_.size());
    log_trio_prior_.resize(spreads_.size());
    for (std::size_t s = 0; s < spreads_.size(); ++s) {
        const double gap = spreads_[s] > 0 ? least_gap * spreads_[s] : least_gap;
        double pairs = 0;
        double trios = 0;
        for (std::size_t m = 0; m < levels_.size(); ++m) {
            const auto first = std::lower_bound(levels_.begin(), levels_.end(), levels_[m] + gap);
            const auto below = std::upper_bound(levels_.begin(), levels_.end(), levels_[m] - gap);
            const auto cell = s * levels_.size() + m;
            first_bad_[cell] = static_cast<std::size_t>(first - levels_.begin());
            ends_below_[cell] = static_cast<std::size_t>(below - levels_.begin());
            const auto above = static_cast<double>(levels_.end() - first);
            pairs += above;
            trios += std::pow(above + static_cast<double>(below - levels_.begin()), 2);
        }
        log_trio_prior_[s] =
            trios > 0 ? -std::log(trios * static_cast<double>(spreads_.size())) : minus_infinity;
        pair_weight_[s] = pairs > 0 ? 1 / (pairs * static_cast<double>(spreads_.size())) : 0;
    }
}

void LevelModel::add_runs(LevelTable& table, double passes, double fails) const {
    for (std::size_t m = 0; m < levels_.size(); ++m) {
        table[m] += fails * log_levels_[m] + passes * log_rests_[m];
    }
}

void LevelModel::add_sample(LevelTable& table, double badness) const {
    const double far = (badness - outlier_centre_) / outlier_scale_;
    const double outlier = outlier_share / (std::numbers::pi * outlier_scale_ * (1 + far * far));
    auto* cell = table.data();
    for (const double spread : spreads_) {
        const double scale = (1 - outlier_share) / (spread * std::sqrt(2 * std::numbers::pi));
        for (const double level : levels_) {
            const double distance = (badness - level) / spread;
            *cell++ += std::log(scale * std::exp(-distance * distance / 2) + outlier);
        }
    }
    if (categories_) {
        categories_->add_sample(std::span(table).subspan(cells_), badness);
    }
}

std::span<const double> LevelModel::categories_of(const LevelTable& table) const {
    return std::span(table).subspan(cells_);
}

TwoLevels LevelModel::two_levels(const LevelTable& good, const LevelTable& bad) const {
    const auto normal = two_normal_levels(good, bad);
    if (!categories_) {
        return normal;
    }
    const auto any = two_of_any_shape(good, bad);
    const double share = 1 / (1 + std::exp(normal.log_evidence - any.log_evidence));
    const auto mean = [&](double of_normal, double of_any) {
        return of_normal + share * (of_any - of_normal);
    };
    return {log_of_both(normal.log_evidence, any.log_evidence),
            {mean(normal.expected.good, any.expected.good),
             mean(normal.expected.bad, any.expected.bad),
             mean(normal.expected.spread, any.expected.spread)},
            share};
}

double LevelModel::log_ratio(const LevelTable& good, const LevelTable& bad, double badness) const {
    return categories_->log_chance(categories_of(bad), badness) -
           categories_->log_chance(categories_of(good), badness);
}

TwoLevels LevelModel::two_of_any_shape(const LevelTable& good, const LevelTable& bad) const {
    const auto of_good = categories_of(good);
    const auto of_bad = categories_of(bad);
    const auto& any = *categories_;
    const double log = log_any_shape_ + any.log_order(of_good, of_bad) + any.log_evidence(of_good) +
                       any.log_evidence(of_bad) + any.log_densities(of_good) +
                       any.log_densities(of_bad);
    return {log, {any.mean(of_good), any.mean(of_bad), any.spread(of_good, of_bad)}, 1};
}

double LevelModel::steps_of_any_shape(const LevelGroups& groups) const {
    double log = log_any_shape_;
    for (const auto* table :
         {&groups.centre, &groups.one, &groups.other, groups.apart ? &*groups.apart : nullptr}) {
        if (table != nullptr) {
            const auto cells = categories_of(*table);
            log += categories_->log_evidence(cells) + categories_->log_densities(cells);
        }
    }
    return log;
}

TwoLevels LevelModel::two_normal_levels(const LevelTable& good, const LevelTable& bad) const {
    const std::size_t count = levels_.size();
    std::vector<double> sums(count + 1);   // of exp(bad) from an index on
    std::vector<double> levels(count + 1); // the same, times the level
    const double top = largest(cells_of(good, cells_)) + largest(cells_of(bad, cells_));
    double total = 0;
    ExpectedLevels expected;
    for (std::size_t s = 0; s < spreads_.size(); ++s) {
        const std::span good_cells(good.data() + s * count, count);
        const std::span bad_cells(bad.data() + s * count, count);
        const double good_top = largest(good_cells);
        const double bad_top = largest(bad_cells);
        const double height = small_exp(good_top + bad_top - top) * pair_weight_[s];
        if (height == 0) {
            continue;
        }
        for (std::size_t m = count; m-- > 0;) {
            const double chance = small_exp(bad_cells[m] - bad_top);
            sums[m] = sums[m + 1] + chance;
            levels[m] = levels[m + 1] + chance * levels_[m];
        }
        double slice = 0;
        for (std::size_t m = 0; m < count; ++m) {
            const auto from = first_bad_[s * count + m];
            const double chance = from < count ? height * small_exp(good_cells[m] - good_top) : 0;
            slice += chance * sums[from];
            expected.good += chance * sums[from] * levels_[m];
            expected.bad += chance * levels[from];
        }
        total += slice;
        expected.spread += slice * spreads_[s];
    }
    if (total == 0) {
        return {minus_infinity, {}, 0};
    }
    return {top + std::log(total),
            {expected.good / total, expected.bad / total, expected.spread / total},
            0};
}

double LevelModel::one_level(const LevelTable& table) const {
    if (known_) {
        return minus_infinity;
    }
    const double normal = log_sum(cells_of(table, cells_)) + log_node_prior_ -
                          std::log(static_cast<double>(spreads_.size()));
    if (!categories_) {
        return normal;
    }
    const auto cells = categories_of(table);
    return log_of_both(normal, log_any_shape_ + categories_->log_evidence(cells) +
                                   categories_->log_densities(cells));
}

/// By level m of one spread: log(sum of exp(cell) over the levels a gap or more away from m).
std::vector<double> LevelModel::sums_far_off(const LevelTable& table, std::size_t spread) const {
    const std::size_t count = levels_.size();
    const std::span cells(table.data() + spread * count, count);
    const double top = largest(cells);
    std::vector<double> before(count + 1); // of exp(cell - top), up to an index
    std::vector<double> from(count + 1);   // and from it on
    for (std::size_t m = 0; m < count; ++m) {
        before[m + 1] = before[m] + small_exp(cells[m] - top);
    }
    for (std::size_t m = count; m-- > 0;) {
        from[m] = from[m + 1] + small_exp(cells[m] - top);
    }
    std::vector<double> sums;
    for (std::size_t m = 0; m < count; ++m) {
        const auto cell = spread * count + m;
        sums.push_back(top + std::log(before[ends_below_[cell]] + from[first_bad_[cell]]));
    }
    return sums;
}

double LevelModel::steps_around(const LevelGroups& groups) const {
    if (known_) {
        return minus_infinity;
    }
    const double normal = normal_steps_around(groups);
    return categories_ ? log_of_both(normal, steps_of_any_shape(groups)) : normal;
}

double LevelModel::normal_steps_around(const LevelGroups& groups) const {
    const std::size_t count = levels_.size();
    std::vector<double> slices;
    for (std::size_t s = 0; s < spreads_.size(); ++s) {
        auto logs = sums_far_off(groups.one, s);
        const auto other = sums_far_off(groups.other, s);
        for (std::size_t m = 0; m < count; ++m) {
            logs[m] += other[m] + groups.centre[s * count + m];
        }
        double slice = log_sum(logs) + log_trio_prior_[s];
        if (groups.apart) {
            slice += log_sum(std::span(groups.apart->data() + s * count, count)) + log_node_prior_;
        }
        slices.push_back(slice);
    }
    return log_sum(slices);
}

double LevelModel::expected_level(const LevelTable& table) const {
    const double top = largest(cells_of(table, cells_));
    double total = 0;
    double sum = 0;
    for (std::size_t cell = 0; cell < cells_; ++cell) {
        const double chance = small_exp(table[cell] - top);
        total += chance;
        sum += chance * levels_[cell % levels_.size()];
    }
    return sum / total;
}

} // namespace lab::core
