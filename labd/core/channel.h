// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/level_model.h"

#include <vector>

namespace lab::core {

/// How much one outcome tells about whether its commit is good or bad: a channel with two inputs.
/// Immutable value, pure, thread-safe.
class Channel {
public:
    /// Runs that fail with chance `expected.good` on a good commit, `expected.bad` on a bad one.
    [[nodiscard]] static Channel of_rates(const ExpectedLevels& expected);

    /// Normal samples of both levels, binned; with the outliers of LevelModel.
    [[nodiscard]] static Channel of_metric(const ExpectedLevels& expected);

    /// Information of one outcome about its commit, in bits, when it is bad with chance `bad`:
    /// I = H(outcome) - bad * H(outcome | bad) - (1 - bad) * H(outcome | good).
    /// Interpolated between 129 exact values.
    /// @param bad  in [0, 1].
    /// @see Cover & Thomas, Elements of Information Theory, section 2.4 and chapter 7.
    [[nodiscard]] double information(double bad) const;

    /// The largest information any `bad` gives, in bits.
    [[nodiscard]] double capacity() const;

    /// Mean evidence of one outcome of a commit against the other level, in bits: the smaller of
    /// both Kullback-Leibler divergences.
    [[nodiscard]] double divergence() const;

    /// Variance of one outcome as a measurement of "0 = good, 1 = bad"; >= 0.
    [[nodiscard]] double noise() const noexcept { return noise_; }

private:
    struct Bin {
        double good;
        double bad;
    };

    Channel(std::vector<Bin> bins, double noise);

    std::vector<Bin> bins_;
    std::vector<double> information_; ///< at bad = sin^2 of equally spaced angles
    double noise_;
};

} // namespace lab::core
