// SPDX-License-Identifier: Apache-2.0
#include "report/scale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace lab::report {
namespace {

/// Multiples of a step inside an extent; a value that is just missed by rounding is inside.
struct Multiples {
    double first; ///< in steps
    double count;
};

Multiples inside(Extent extent, double step) {
    const double first = std::ceil(extent.low / step - 1e-9);
    return {first, std::max(0.0, std::floor(extent.high / step + 1e-9) - first + 1)};
}

std::vector<double> values_of(const Multiples& multiples, double step) {
    std::vector<double> values;
    for (double i = 0; i < multiples.count; ++i) {
        values.push_back((multiples.first + i) * step);
    }
    return values;
}

} // namespace

Extent extent_of(const std::vector<double>& values, double margin) {
    if (values.empty()) {
        return {0, 1};
    }
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double width = *high - *low;
    double more = width * margin;
    if (!(width > std::abs(*high) * 1e-12)) {
        more = *high == 0 ? 1 : std::abs(*high) / 20;
    }
    return {*low - more, *high + more};
}

double Scale::operator()(double value) const {
    auto [low, high] = values_;
    if (spacing_ == Spacing::logarithmic) {
        value = std::log(std::max(value, low));
        low = std::log(low);
        high = std::log(high);
    }
    const double share = high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5;
    return picture_.low + share * (picture_.high - picture_.low);
}

std::vector<double> ticks(Extent extent, std::size_t most) {
    const double width = extent.high - extent.low;
    if (!(width > 0) || !std::isfinite(width) || most < 2) {
        return {};
    }
    double power = std::pow(10.0, std::floor(std::log10(width / static_cast<double>(most))));
    for (;; power *= 10) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double step = power * factor;
            if (const auto marks = inside(extent, step); marks.count <= static_cast<double>(most)) {
                return values_of(marks, step);
            }
        }
    }
}

std::vector<double> time_ticks(Extent extent, std::size_t most) {
    static constexpr std::array<double, 17> steps{
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200};
    for (const double step : steps) {
        if (const auto marks = inside(extent, step); marks.count <= static_cast<double>(most)) {
            return values_of(marks, step);
        }
    }
    constexpr double day = 86400;
    auto days = ticks({extent.low / day, extent.high / day}, most);
    for (auto& value : days) {
        value *= day;
    }
    return days;
}

std::vector<double> power_ticks(Extent extent, double base) {
    std::vector<double> values;
    for (double value = 1; value <= extent.high * (1 + 1e-9); value *= base) {
        if (value >= extent.low * (1 - 1e-9)) {
            values.push_back(value);
        }
    }
    return values;
}

std::string tick_text(double value, double step) {
    const int decimals =
        step > 0 ? std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12) : 0;
    std::array<char, 64> text{};
    if (std::abs(value) >= 1e9) {
        std::snprintf(text.data(), text.size(), "%.6g", value);
    } else {
        std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    }
    const std::string said = text.data();
    return said.find_first_not_of("-0.") == std::string::npos ? said.substr(said[0] == '-' ? 1 : 0)
                                                              : said;
}

Extent failure_interval(unsigned failures, unsigned runs) {
    constexpr double z = 1.959964;
    const double n = runs;
    const double p = failures / n;
    const double middle = p + z * z / (2 * n);
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    const double whole = 1 + z * z / n;
    return {std::max(0.0, (middle - half) / whole), std::min(1.0, (middle + half) / whole)};
}

} // namespace lab::report
