// SPDX-License-Identifier: Apache-2.0
#include "core/plain_gap.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

/// Least gap in ranges, with two samples of each and with more.
constexpr double gap_of_two = 100;
constexpr double gap_of_more = 20;

/// Remainders below that share of the largest sample come from arithmetic.
constexpr double exactness = 1e-9;

/// The largest number that all samples are multiples of, by Euclid's algorithm.
double common_step(std::span<const double> good, std::span<const double> bad) {
    double largest = 0;
    double step = 0;
    for (const auto& group : {good, bad}) {
        for (const double sample : group) {
            largest = std::max(largest, std::abs(sample));
        }
    }
    for (const auto& group : {good, bad}) {
        for (const double sample : group) {
            double rest = std::abs(sample);
            while (rest > exactness * largest) {
                const double next = std::abs(std::remainder(step, rest));
                step = rest;
                rest = next;
            }
        }
    }
    return step;
}

double range_of(std::span<const double> samples) {
    const auto [least, most] = std::minmax_element(samples.begin(), samples.end());
    return *most - *least;
}

} // namespace

bool lie_plainly_apart(std::span<const double> good, std::span<const double> bad) {
    const auto count = std::min(good.size(), bad.size());
    if (count < least_plain_samples) {
        return false;
    }
    const double gap =
        *std::min_element(bad.begin(), bad.end()) - *std::max_element(good.begin(), good.end());
    const double range = std::max({range_of(good), range_of(bad), common_step(good, bad)});
    const double wanted = count == 2 ? gap_of_two : gap_of_more;
    return std::isfinite(gap) && gap > 0 && gap >= wanted * range;
}

} // namespace lab::core
