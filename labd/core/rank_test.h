// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lab::core {

/// Two-sided p-value of the Mann-Whitney U test: the chance of ranks at least as far apart when
/// both samples come from one distribution.
///
/// Exact (all orders equally likely) for at most 20 values a side without ties, else by the normal
/// approximation with the correction for ties and for continuity.
/// {217, 220, 222, 225} against {231, 232, 234, 235} gives 2/70 = 0.0286, the least for 4 and 4.
/// @param a, b  one finite value or more each.
/// @return in (0, 1].
/// @throws std::domain_error  otherwise.
/// @note Pure, thread-safe. Depends on ranks only, so an outlier counts no more than its rank.
/// @see H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947), 50-60.
[[nodiscard]] double mann_whitney(std::span<const double> a, std::span<const double> b);

/// The least p-value that mann_whitney() can give for so many values without ties:
/// 2 / binomial(m + n, m).
[[nodiscard]] double least_mann_whitney(std::size_t m, std::size_t n);

/// Two-sided p-value of Welch's t-test: the chance of means at least as far apart when both samples
/// come from normal distributions of one mean, whatever their deviations.
///
/// When neither sample varies it is 1 for equal values and 0 for others.
/// @param a, b  two finite values or more each.
/// @return in [0, 1].
/// @throws std::domain_error  otherwise.
/// @see B. L. Welch, Biometrika 34 (1947), 28-35.
[[nodiscard]] double welch(std::span<const double> a, std::span<const double> b);

/// Hodges-Lehmann estimate of how far b lies above a: the median of all differences b_j - a_i, in
/// the unit of the values.
/// @param a, b  one finite value or more each.
/// @throws std::domain_error  otherwise.
/// @note Takes (m + n) * 1100 steps at most, and no memory for the m * n differences. Withstands
/// outliers in
///       up to 29 % of the values.
/// @see J. L. Hodges and E. L. Lehmann, Annals of Mathematical Statistics 34 (1963), 598-611.
[[nodiscard]] double hodges_lehmann(std::span<const double> a, std::span<const double> b);

/// p-values adjusted by Benjamini and Hochberg: calling those significant that are at most q keeps
/// the expected share of false ones among them at q or below.
/// @param p_values  in [0, 1].
/// @return in the same order, never smaller than before, at most 1.
/// @see Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995),
/// 289-300.
[[nodiscard]] std::vector<double> benjamini_hochberg(const std::vector<double>& p_values);

} // namespace lab::core
