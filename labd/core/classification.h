// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/expected.h"
#include "core/statistics.h"
#include "core/verdict.h"

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace lab::core {

/// Samples of one commit after which no more are asked for.
inline constexpr std::size_t most_samples = 5;

/// Chance below which no verdict's error is ever claimed to be: models are not that good.
inline constexpr double least_error = 1e-6;

/// Levels of a metric at both ends of a range, known to differ in the bad direction.
/// Immutable value, thread-safe.
class Baselines {
public:
    /// @param good, bad  two or more finite samples each, one a boot.
    /// @return why the ends cannot be told apart, with the numbers, when their 95 % intervals
    /// overlap
    ///         or the bad end is the better one.
    /// @throws std::domain_error  for fewer than two samples or one that is not finite.
    [[nodiscard]] static Expected<Baselines, std::string>
    create(std::span<const double> good, std::span<const double> bad, Direction direction);

    [[nodiscard]] const MeanInterval& good() const noexcept { return good_; }
    [[nodiscard]] const MeanInterval& bad() const noexcept { return bad_; }

    /// Error probability of a verdict by a single sample that lies exactly at a level; nothing
    /// smaller than 1 when the gap rule could not decide such a sample at all.
    [[nodiscard]] double single_sample_error() const;

private:
    Baselines(const MeanInterval& good, const MeanInterval& bad) : good_(good), bad_(bad) {}

    MeanInterval good_;
    MeanInterval bad_;
};

/// A commit told apart by its samples.
struct Classified {
    Verdict verdict = Verdict::skip;
    double error = 0;   ///< estimated chance that the verdict is wrong, in [1e-6, 0.5]; 0 for skip
    std::string reason; ///< the numbers behind it
};

/// The samples so far do not decide; take this many more.
struct MoreSamples {
    std::size_t count = 0;
};

using Classification = std::variant<Classified, MoreSamples>;

/// Verdict on a commit by the 1 + 4 rule.
///
/// One sample x decides when it is nearer to one level than to the other by at least
/// 1.5 * max(half-widths of the baselines' 95 % intervals); beyond a level counts as at it. Else
/// four more are taken and the commit's own 95 % interval I is compared:
///   - I meets bad or lies beyond it, and does not meet good: bad;
///   - I meets good or lies beyond it, and does not meet bad: good;
///   - I lies free between both: the side its mean is nearer to by the same margin;
///   - else (it fits both, or neither): skip.
///
/// The error of a verdict is the posterior probability of the other level. Both levels are equally
/// likely beforehand, samples are normal around them with one spread s, the pooled deviation of the
/// baselines and, from two samples on, of the commit's own, with v degrees of freedom in all:
///   t_L = (x - m_L) / (s * sqrt(1/n + 1/n_L)),   f_L = t_density(v, t_L) / sqrt(1/n + 1/n_L),
///   error(good) = f_bad / (f_good + f_bad), never below 1e-6.
/// x is the mean of the commit's n samples, moved to the nearer level when it lies beyond. Few
/// samples mean few degrees of freedom, hence heavy tails and a larger error: as it should be.
///
/// @param samples  finite values, one a boot; none asks for one.
/// @throws std::domain_error  when one is not finite.
/// @note Pure, thread-safe. Unknown levels and one common spread: the two-sample model of
///       Gelman et al., Bayesian Data Analysis, section 3.2, with a flat prior on the levels.
[[nodiscard]] Classification classify(const Baselines& baselines, std::span<const double> samples);

} // namespace lab::core
