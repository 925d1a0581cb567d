// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace lab::core {

/// Arithmetic mean.
/// @param values  at least one, all finite.
/// @throws std::domain_error  when there is none or one is not finite.
[[nodiscard]] double mean(std::span<const double> values);

/// Sample standard deviation, divisor n - 1, in the unit of the values.
/// @param values  at least two, all finite.
/// @throws std::domain_error  otherwise.
[[nodiscard]] double sample_deviation(std::span<const double> values);

/// Mean of some samples with its two-sided 95 % confidence interval.
struct MeanInterval {
    std::size_t count = 0;
    double mean = 0;
    double deviation = 0;  ///< sample standard deviation
    double half_width = 0; ///< of the interval; never negative

    [[nodiscard]] double lower() const noexcept { return mean - half_width; }
    [[nodiscard]] double upper() const noexcept { return mean + half_width; }

    /// Deviation as a share of the mean; 0 when the mean is 0.
    [[nodiscard]] double coefficient_of_variation() const noexcept;
};

/// Student's two-sided 95 % confidence interval of the mean:
/// mean +- t(0.975, n - 1) * s / sqrt(n), s the sample standard deviation.
///
/// {217, 220, 222, 225} gives 221.00 +- 2.42 %.
/// @param values  at least two, all finite.
/// @throws std::domain_error  otherwise.
/// @note Pure, thread-safe. Holds for independent, roughly normal samples; samples of one boot are
///       not independent, so there is one sample a boot.
/// @see Student (W. S. Gosset), The Probable Error of a Mean, Biometrika 6 (1908).
[[nodiscard]] MeanInterval mean_interval(std::span<const double> values);

/// Whether two intervals have a point in common; touching ones do.
[[nodiscard]] bool overlap(const MeanInterval& a, const MeanInterval& b) noexcept;

/// "221 +- 5.347 (95 %, 4 samples)", numbers with four significant digits or more.
[[nodiscard]] std::string to_string(const MeanInterval& interval);

} // namespace lab::core
