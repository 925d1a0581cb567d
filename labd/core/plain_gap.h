// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace lab::core {

/// Samples of each end from which on they may lie plainly apart.
inline constexpr std::size_t least_plain_samples = 2;

/// Least gap of two levels, in spreads, at which one sample says plainly which of them it is at.
inline constexpr double plain_steps = 10;

/// Whether two ends differ so plainly that fewer samples than usual do: the gap between the nearest
/// samples is 100 times the range of either end with two samples of each, 20 times with three.
///
/// That samples of one normal level fall apart like that has a chance below 1 in 10,000. The range
/// is never taken below the step of a scale that all samples lie on, so values that were rounded
/// until they coincide do not count as quiet ones.
/// @param good, bad  badness: all of `bad` lie above all of `good`.
/// @return false when the numbers of samples are so few, or not finite.
/// @note Pure, thread-safe.
[[nodiscard]] bool lie_plainly_apart(std::span<const double> good, std::span<const double> bad);

} // namespace lab::core
