// SPDX-License-Identifier: Apache-2.0
#include "core/value_categories.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace lab::core {
namespace {

constexpr std::size_t least_categories = 2;
constexpr std::size_t most_categories = 8;
constexpr double jeffreys = 0.5;     ///< pseudo-count of each category
constexpr double broad_share = 0.02; ///< of the shape, for values far off
constexpr double least_share = 1e-12;

double normal_below(double distance) {
    return std::erfc(-distance / std::numbers::sqrt2) / 2;
}

/// Half-width of the broad part.
double breadth(const ValueShape& shape) {
    return std::max(std::abs(shape.bad - shape.good) / 2, 3 * shape.spread);
}

/// Share of the shape below a value.
double below(const ValueShape& shape, double value) {
    const double far = (value - (shape.good + shape.bad) / 2) / breadth(shape);
    const double broad = 0.5 + std::atan(far) / std::numbers::pi;
    const double near = (normal_below((value - shape.good) / shape.spread) +
                         normal_below((value - shape.bad) / shape.spread)) /
                        2;
    return broad_share * broad + (1 - broad_share) * near;
}

double density(const ValueShape& shape, double value) {
    const double width = breadth(shape);
    const double far = (value - (shape.good + shape.bad) / 2) / width;
    const double broad = 1 / (std::numbers::pi * width * (1 + far * far));
    const auto near = [&](double level) {
        const double distance = (value - level) / shape.spread;
        return std::exp(-distance * distance / 2) /
               (shape.spread * std::sqrt(2 * std::numbers::pi));
    };
    return broad_share * broad + (1 - broad_share) * (near(shape.good) + near(shape.bad)) / 2;
}

/// Values with weights, so that both ends weigh the same however many samples they have.
struct Weighed {
    double value;
    double weight;
};

std::vector<Weighed> weighed(std::span<const double> good, std::span<const double> bad) {
    std::vector<Weighed> all;
    for (const auto& end : {good, bad}) {
        for (const double value : end) {
            all.push_back({value, 0.5 / static_cast<double>(end.size())});
        }
    }
    std::sort(all.begin(), all.end(),
              [](const Weighed& a, const Weighed& b) { return a.value < b.value; });
    return all;
}

/// As many as can have three values of an end's smaller half each.
std::size_t categories_for(std::size_t samples) {
    const auto wanted = static_cast<std::size_t>(std::sqrt(static_cast<double>(samples)));
    return std::clamp(wanted, least_categories, most_categories);
}

} // namespace

ValueCategories::ValueCategories(std::span<const double> good, std::span<const double> bad,
                                 const ValueShape& shape)
    : shape_(shape) {
    const auto all = weighed(good, bad);
    const auto wanted = categories_for(all.size());
    double sum = 0;
    std::size_t next = 1;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        sum += all[i].weight;
        const bool due = sum >= static_cast<double>(next) / static_cast<double>(wanted) - 1e-9;
        if (due && all[i].value < all[i + 1].value) {
            limits_.push_back((all[i].value + all[i + 1].value) / 2);
            next = static_cast<std::size_t>(sum * static_cast<double>(wanted) + 1e-9) + 1;
        }
    }
    const double reach = all.back().value - all.front().value + 3 * shape_.spread;
    least_ = all.front().value - reach;
    most_ = all.back().value + reach;
    double before = 0;
    for (std::size_t category = 0; category <= limits_.size(); ++category) {
        const double until = category < limits_.size() ? below(shape_, limits_[category]) : 1;
        log_shares_.push_back(std::log(std::max(until - before, least_share)));
        before = until;
    }
    std::vector<std::vector<double>> members(limits_.size() + 1);
    for (const auto& one : all) {
        members[category_of(one.value)].push_back(one.value);
    }
    for (const auto& values : members) {
        places_.push_back(values[values.size() / 2]);
    }
    if (const auto last = limits_.size(); last > 0) { // far values must not move the means
        places_[0] = std::max(places_[0], 2 * limits_[0] - places_[1]);
        places_[last] = std::min(places_[last], 2 * limits_[last - 1] - places_[last - 1]);
    }
    for (const auto& one : all) {
        const double off = one.value - places_[category_of(one.value)];
        within_ += one.weight * std::min(off * off, shape_.spread * shape_.spread);
    }
}

std::size_t ValueCategories::category_of(double value) const {
    return static_cast<std::size_t>(std::upper_bound(limits_.begin(), limits_.end(), value) -
                                    limits_.begin());
}

void ValueCategories::add_sample(std::span<double> cells, double value) const {
    if (is_far(value)) {
        cells.back() += std::log(density(shape_, value));
        return;
    }
    const auto category = category_of(value);
    cells[category] += 1;
    cells.back() += std::log(density(shape_, value)) - log_shares_[category];
}

double ValueCategories::log_evidence(std::span<const double> cells) const {
    const auto counts = cells.first(places_.size());
    const double prior = jeffreys * static_cast<double>(counts.size());
    double sum = 0;
    double log = std::lgamma(prior) - static_cast<double>(counts.size()) * std::lgamma(jeffreys);
    for (const double count : counts) {
        sum += count;
        log += std::lgamma(jeffreys + std::max(count, 0.0));
    }
    return log - std::lgamma(prior + std::max(sum, 0.0));
}

double ValueCategories::count(std::span<const double> cells) const {
    const auto counts = cells.first(places_.size());
    return std::accumulate(counts.begin(), counts.end(), 0.0);
}

double ValueCategories::log_order(std::span<const double> good, std::span<const double> bad) const {
    if (count(good) < 0.5 || count(bad) < 0.5) {
        return 0;
    }
    const double variance_of_gap = variance(good) / count(good) + variance(bad) / count(bad);
    if (variance_of_gap <= 0) {
        return 0;
    }
    const double gap = (mean(bad) - mean(good)) / std::sqrt(variance_of_gap);
    return std::log(2 * std::max(normal_below(gap), least_share));
}

double ValueCategories::log_chance(std::span<const double> cells, double value) const {
    if (is_far(value)) {
        return 0;
    }
    const auto counts = cells.first(places_.size());
    const double all = std::accumulate(counts.begin(), counts.end(),
                                       jeffreys * static_cast<double>(counts.size()));
    return std::log((jeffreys + std::max(counts[category_of(value)], 0.0)) / all);
}

double ValueCategories::mean(std::span<const double> cells) const {
    const auto counts = cells.first(places_.size());
    const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
    return sum > 0 ? std::inner_product(counts.begin(), counts.end(), places_.begin(), 0.0) / sum
                   : (shape_.good + shape_.bad) / 2;
}

double ValueCategories::variance(std::span<const double> cells) const {
    const double centre = mean(cells);
    double sum = 0;
    double squares = 0;
    for (std::size_t category = 0; category < places_.size(); ++category) {
        const double off = places_[category] - centre;
        sum += cells[category];
        squares += cells[category] * off * off;
    }
    return within_ + (sum > 0 ? squares / sum : 0);
}

/// Symmetric Kullback-Leibler divergence in nats, without what chance alone adds on average.
double ValueCategories::divergence(std::span<const double> a, std::span<const double> b) const {
    const auto size = places_.size();
    const auto count_of = [&](std::span<const double> cells) {
        const auto counts = cells.first(size);
        return std::accumulate(counts.begin(), counts.end(), jeffreys * static_cast<double>(size));
    };
    const double of_a = count_of(a);
    const double of_b = count_of(b);
    double sum = 0;
    for (std::size_t category = 0; category < size; ++category) {
        const double in_a = (jeffreys + std::max(a[category], 0.0)) / of_a;
        const double in_b = (jeffreys + std::max(b[category], 0.0)) / of_b;
        sum += (in_a - in_b) * std::log(in_a / in_b) / 2;
    }
    return sum - static_cast<double>(size - 1) * (1 / of_a + 1 / of_b) / 2;
}

double ValueCategories::spread(std::span<const double> good, std::span<const double> bad) const {
    const double plain = std::sqrt((variance(good) + variance(bad)) / 2);
    const double gap = mean(bad) - mean(good);
    const double nats = divergence(good, bad); // of normal levels: squared steps / 2
    return nats > 0 && gap > 0 ? std::min(plain, gap / std::sqrt(2 * nats)) : plain;
}

} // namespace lab::core
