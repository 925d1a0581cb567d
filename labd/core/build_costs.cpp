// SPDX-License-Identifier: Apache-2.0
#include "core/build_costs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lab::core {
namespace {

constexpr std::size_t least_builds = 3;

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace

double BuildCosts::log_distance(std::size_t place) const {
    std::size_t nearest = places_;
    const auto above = built_.lower_bound(place);
    if (above != built_.end()) {
        nearest = std::min(nearest, *above - place);
    }
    if (above != built_.begin()) {
        nearest = std::min(nearest, place - *std::prev(above));
    }
    return std::log2(1.0 + static_cast<double>(nearest));
}

void BuildCosts::paid(std::size_t place, double seconds) {
    if (seconds > 0 && !is_built(place)) {
        distances_.push_back(log_distance(place));
        seconds_.push_back(seconds);
        fit();
    }
    found(place);
}

void BuildCosts::fit() {
    const double distance = mean_of(distances_);
    base_ = mean_of(seconds_);
    slope_ = 0;
    least_ = *std::min_element(seconds_.begin(), seconds_.end()) / 2;
    if (seconds_.size() < least_builds) {
        return;
    }
    double both = 0;
    double squares = 0;
    for (std::size_t i = 0; i < seconds_.size(); ++i) {
        both += (distances_[i] - distance) * (seconds_[i] - base_);
        squares += (distances_[i] - distance) * (distances_[i] - distance);
    }
    slope_ = squares > 0 ? std::max(0.0, both / squares) : 0;
    base_ -= slope_ * distance;
}

double BuildCosts::estimate(std::size_t place) const {
    if (seconds_.empty() || is_built(place)) {
        return 0;
    }
    return std::max(least_, base_ + slope_ * log_distance(place));
}

} // namespace lab::core
