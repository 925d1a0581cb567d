// SPDX-License-Identifier: Apache-2.0
#include "core/step_evidence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace lab::core::test {
namespace {

std::vector<double> draw(std::mt19937& random, double level, std::size_t count) {
    std::normal_distribution<double> normal(level, 1);
    std::vector<double> samples(count);
    for (auto& sample : samples) {
        sample = normal(random);
    }
    return samples;
}

TEST(StepEvidence, GrowsWithTheSquareOfTheStep) {
    std::mt19937 random(1);
    constexpr std::size_t samples = 40;
    for (const double step : {1.0, 2.0}) {
        double sum = 0;
        for (int run = 0; run < 50; ++run) {
            sum += log_evidence_of_step(draw(random, 0, samples), draw(random, step, samples),
                                        {0, step, 1});
        }
        EXPECT_NEAR(sum / 50, samples * step * step / 4, 0.15 * samples * step * step / 4) << step;
    }
}

TEST(StepEvidence, SeldomExceedsAFactorOfTwentyWhereThereIsNoStep) {
    std::mt19937 random(2);
    constexpr int runs = 400;
    for (const double level : {0.0, 0.5, 1.0}) {
        int deceived = 0;
        for (int run = 0; run < runs; ++run) {
            const auto good = draw(random, level, 24);
            const auto bad = draw(random, level, 24);
            for (std::size_t count = 1; count <= good.size(); ++count) {
                const std::span<const double> some_good(good.data(), count);
                const std::span<const double> some_bad(bad.data(), count);
                if (log_evidence_of_step(some_good, some_bad, {0, 1, 1}) >= std::log(20)) {
                    ++deceived;
                    break;
                }
            }
        }
        EXPECT_LE(deceived, runs / 20 + 13) << level; // three standard deviations more
    }
}

TEST(StepEvidence, IsNotDecidedByOneOutlier) {
    EXPECT_LT(log_evidence_of_step(std::vector<double>{100.1, 99.9}, std::vector<double>{100, 1e6},
                                   {100, 103, 0.5}),
              std::log(20));
}

TEST(StepEvidence, IsClearAtOnceWhereTheStepIsLarge) {
    EXPECT_GT(
        log_evidence_of_step(std::vector<double>{100.2}, std::vector<double>{149}, {100, 150, 1}),
        std::log(20));
    EXPECT_EQ(log_evidence_of_step({}, std::vector<double>{149}, {100, 150, 1}), 0);
}

} // namespace
} // namespace lab::core::test
