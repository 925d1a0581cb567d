// SPDX-License-Identifier: Apache-2.0
#include "core/channel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lab::core {
namespace {

constexpr std::size_t intervals = 128;
constexpr std::size_t metric_bins = 64;
constexpr double metric_reach = 4.5; ///< in spreads beyond both levels
constexpr double most_steps = 12;    ///< more spreads between the levels tell nothing more

double surprise(double chance, double reference) {
    return chance > 0 ? chance * std::log2(chance / reference) : 0;
}

} // namespace

Channel::Channel(std::vector<Bin> bins, double noise) : bins_(std::move(bins)), noise_(noise) {
    for (std::size_t i = 0; i <= intervals; ++i) {
        const double angle = std::numbers::pi / 2 * static_cast<double>(i) / intervals;
        const double bad = std::pow(std::sin(angle), 2);
        double sum = 0;
        for (const auto& bin : bins_) {
            const double mixed = bad * bin.bad + (1 - bad) * bin.good;
            sum += bad * surprise(bin.bad, mixed) + (1 - bad) * surprise(bin.good, mixed);
        }
        information_.push_back(std::max(sum, 0.0));
    }
}

Channel Channel::of_rates(const ExpectedLevels& expected) {
    const double good = std::clamp(expected.good, least_rate, 1 - least_rate);
    const double bad = std::clamp(expected.bad, least_rate, 1 - least_rate);
    const double variance = (good * (1 - good) + bad * (1 - bad)) / 2;
    const double step = std::max(bad - good, least_rate);
    return Channel({{good, bad}, {1 - good, 1 - bad}}, variance / (step * step));
}

Channel Channel::of_metric(const ExpectedLevels& expected) {
    const double gap = std::max((expected.bad - expected.good) / expected.spread, 1e-3);
    const double step = std::min(gap, most_steps);
    const double width = (step + 2 * metric_reach) / metric_bins;
    std::vector<Bin> bins;
    Bin sum{0, 0};
    for (std::size_t i = 0; i < metric_bins; ++i) {
        const double x = -metric_reach + (static_cast<double>(i) + 0.5) * width;
        const double outlier = outlier_share / (step + 2 * metric_reach);
        const Bin bin{std::exp(-x * x / 2) + outlier,
                      std::exp(-(x - step) * (x - step) / 2) + outlier};
        sum.good += bin.good;
        sum.bad += bin.bad;
        bins.push_back(bin);
    }
    for (auto& bin : bins) {
        bin.good /= sum.good;
        bin.bad /= sum.bad;
    }
    return Channel(std::move(bins), 1 / (gap * gap));
}

double Channel::information(double bad) const {
    const double place = std::asin(std::sqrt(std::clamp(bad, 0.0, 1.0))) * 2 / std::numbers::pi *
                         static_cast<double>(intervals);
    const auto below = std::min(static_cast<std::size_t>(place), intervals - 1);
    const double share = place - static_cast<double>(below);
    return information_[below] + share * (information_[below + 1] - information_[below]);
}

double Channel::capacity() const {
    return *std::max_element(information_.begin(), information_.end());
}

double Channel::divergence() const {
    double of_bad = 0;
    double of_good = 0;
    for (const auto& bin : bins_) {
        of_bad += surprise(bin.bad, bin.good);
        of_good += surprise(bin.good, bin.bad);
    }
    return std::min(of_bad, of_good);
}

} // namespace lab::core
