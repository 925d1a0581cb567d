// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/statistics.h"
#include "core/verdict.h"

#include <optional>
#include <vector>

namespace lab::core {

/// What samples of one metric amount to.
struct Summary {
    std::size_t count = 0;
    double min = 0;
    double mean = 0;
    double max = 0;
    std::optional<MeanInterval> interval = std::nullopt; ///< absent for one sample
};

/// @param values  at least one, all finite.
/// @throws std::domain_error  otherwise.
[[nodiscard]] Summary summarize(std::span<const double> values);

/// One metric as several profiles have it; the first one is the base.
struct MetricSamples {
    Direction better = Direction::higher_is_better;
    std::vector<std::vector<double>> profiles; ///< finite values; a profile may have none
};

/// What is said of a profile beside the base.
enum class Difference {
    too_few,       ///< fewer than two samples on a side
    no_difference, ///< none is shown; there may be one
    regression,
    improvement,
};

/// "too few", "no difference", "regression" or "improvement".
[[nodiscard]] const char* to_string(Difference finding) noexcept;

/// A profile beside the base. Shares are of the base's mean, in [-inf, inf] with 0.01 = 1 %, and
/// negative when the profile is worse, whichever direction is better.
struct Comparison {
    std::optional<double> change = std::nullopt; ///< of the means; absent for a base mean of 0
    bool disjoint = false;                       ///< both have intervals, and those do not overlap
    std::optional<double> shift = std::nullopt;  ///< Hodges-Lehmann, as a share like `change`
    std::optional<double> welch = std::nullopt;  ///< p-value, adjusted by Benjamini-Hochberg
    std::optional<double> rank = std::nullopt;   ///< Mann-Whitney's, likewise
    Difference finding = Difference::too_few;
};

/// Share of false findings among the findings of one compare() that is accepted.
inline constexpr double false_finding_rate = 0.05;

/// Compares every profile with the base, for each metric.
///
/// `disjoint` is the mark of Fastpath. The finding is ours: Welch's p-values, adjusted over all
/// that is compared here, must be at most false_finding_rate, and the rank test must agree as far
/// as so few samples let it: its own p-value at most 0.05, or the least that the numbers of samples
/// allow.
/// @return for each metric one entry for each profile but the first; a profile without samples has
///         an entry that says nothing.
/// @throws std::domain_error  when a value is not finite.
/// @note Pure, thread-safe. See docs/statistics.md for the reasons.
[[nodiscard]] std::vector<std::vector<Comparison>>
compare(const std::vector<MetricSamples>& metrics);

} // namespace lab::core
