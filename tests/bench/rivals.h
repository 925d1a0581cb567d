// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/simulation.h"

#include <optional>

namespace lab::bench {

/// What another rule does with a cell on a line of commits.
struct Rival {
    double right = 0; ///< share
    double samples = 0;
};

/// Halving with one sample a commit; a sample of a metric is bad above the middle of both levels.
[[nodiscard]] Rival plain_bisect(const Cell& cell, std::size_t runs);

/// Halving with the least odd number of samples a commit, decided by majority (by the mean for a
/// metric), whose risk of any wrong verdict is at most 1 %. For a one-sided flake: as many passes
/// in a row as that takes.
[[nodiscard]] Rival majority(const Cell& cell, std::size_t runs);

/// Halving by classify(): one sample, four more when it is unclear. Metrics only.
[[nodiscard]] std::optional<Rival> one_plus_four(const Cell& cell, std::size_t runs);

/// log2 N / capacity + log2(1 / risk) / divergence; 0 when an end is certain.
[[nodiscard]] double theoretical_bound(const Cell& cell);

} // namespace lab::bench
