// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/classification.h"

/// Verdicts on one commit beside two ends that were measured before, as `lab bisect run` gives
/// them.
namespace lab::core {

/// Verdict on a commit as Fastpath's bisection gives it: whether it regressed against good.
///
/// The 1 + 4 rule of classify() but for a level between both ends. Five samples decide by their own
/// 95 % interval I: I meets both baselines: skip; I lies apart from good on the worse side: bad,
/// however far from bad; else good, also when it is better than good.
///
/// @param samples  finite values, one a boot; none asks for one.
/// @throws std::domain_error  when one is not finite.
/// @note Pure, thread-safe. docs/statistics.md says where Fastpath's own text is silent.
[[nodiscard]] Classification classify_as_fastpath(const Baselines& baselines,
                                                  std::span<const double> samples);

/// Probability that samples come from the bad level and not from the good one, by the model of
/// classify(): 1 - error of "bad".
/// @param samples  at least one finite value, one a boot.
/// @return in [1e-6, 1 - 1e-6].
/// @throws std::domain_error  for none, or one that is not finite.
[[nodiscard]] double chance_bad(const Baselines& baselines, std::span<const double> samples);

/// Verdict on a commit once chance_bad() or its complement reaches the confidence: one sample more
/// at a time, five at most, then skip.
/// @param samples     finite values, one a boot; none asks for one.
/// @param confidence  in [0.5, 1).
/// @throws std::domain_error  when one is not finite.
/// @note Pure, thread-safe. Asking again after each sample does not spoil a posterior, as it would
///       a p-value: Berger, Statistical Decision Theory and Bayesian Analysis, section 7.7.
[[nodiscard]] Classification classify_by_chance(const Baselines& baselines,
                                                std::span<const double> samples, double confidence);

} // namespace lab::core
