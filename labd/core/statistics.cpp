// SPDX-License-Identifier: Apache-2.0
#include "core/statistics.h"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <stdexcept>

namespace lab::core {
namespace {

void require(std::span<const double> values, std::size_t least) {
    if (values.size() < least) {
        throw std::domain_error("samples: too few (at least " + std::to_string(least) + ")");
    }
    if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
        throw std::domain_error("samples: one is not finite (finite numbers)");
    }
}

} // namespace

double mean(std::span<const double> values) {
    require(values, 1);
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double sample_deviation(std::span<const double> values) {
    require(values, 2);
    const double centre = mean(values);
    double squares = 0;
    for (const double value : values) {
        squares += (value - centre) * (value - centre);
    }
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double MeanInterval::coefficient_of_variation() const noexcept {
    return mean == 0 ? 0 : deviation / std::abs(mean);
}

MeanInterval mean_interval(std::span<const double> values) {
    require(values, 2);
    const auto count = static_cast<double>(values.size());
    const boost::math::students_t distribution(count - 1);
    const double deviation = sample_deviation(values);
    return MeanInterval{values.size(), mean(values), deviation,
                        boost::math::quantile(distribution, 0.975) * deviation / std::sqrt(count)};
}

bool overlap(const MeanInterval& a, const MeanInterval& b) noexcept {
    return a.lower() <= b.upper() && b.lower() <= a.upper();
}

std::string to_string(const MeanInterval& interval) {
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "%.6g +- %.4g (95 %%, %zu samples)", interval.mean,
                  interval.half_width, interval.count);
    return text.data();
}

} // namespace lab::core
