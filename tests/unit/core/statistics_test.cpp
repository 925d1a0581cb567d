// SPDX-License-Identifier: Apache-2.0
#include "core/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace lab::core {
namespace {

TEST(MeanInterval, EqualsTheTablesOfArmFastpath) {
    const auto low = mean_interval(std::vector<double>{217, 220, 222, 225});
    const auto high = mean_interval(std::vector<double>{231, 232, 234, 235});

    EXPECT_DOUBLE_EQ(low.mean, 221.0);
    EXPECT_NEAR(100 * low.half_width / low.mean, 2.42, 0.005);
    EXPECT_NEAR(100 * low.coefficient_of_variation(), 1.52, 0.005);
    EXPECT_DOUBLE_EQ(high.mean, 233.0);
    EXPECT_NEAR(100 * high.half_width / high.mean, 1.25, 0.005);
    EXPECT_NEAR(100 * high.coefficient_of_variation(), 0.78, 0.005);
}

TEST(MeanInterval, MovesAndGrowsWithItsSamples) {
    std::mt19937 random(11);
    std::normal_distribution<double> normal(0, 1);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> values(2 + static_cast<std::size_t>(round) % 6);
        for (auto& value : values) {
            value = normal(random);
        }
        auto moved = values;
        for (auto& value : moved) {
            value = 3 * value + 100;
        }

        const auto plain = mean_interval(values);
        const auto other = mean_interval(moved);

        EXPECT_NEAR(other.mean, 3 * plain.mean + 100, 1e-9);
        EXPECT_NEAR(other.half_width, 3 * plain.half_width, 1e-9);
        EXPECT_NEAR(other.deviation, 3 * plain.deviation, 1e-9);
    }
}

TEST(MeanInterval, HoldsTheTrueMeanInNinetyFivePerCentOfCases) {
    std::mt19937 random(12);
    std::normal_distribution<double> normal(10, 2);
    int held = 0;
    constexpr int rounds = 4000;
    for (int round = 0; round < rounds; ++round) {
        const std::vector<double> values{normal(random), normal(random), normal(random)};
        const auto interval = mean_interval(values);
        held += interval.lower() <= 10 && 10 <= interval.upper() ? 1 : 0;
    }

    EXPECT_NEAR(static_cast<double>(held) / rounds, 0.95, 0.015);
}

TEST(MeanInterval, RefusesTooFewAndUnusableSamples) {
    EXPECT_THROW(static_cast<void>(mean(std::vector<double>{})), std::domain_error);
    EXPECT_THROW(static_cast<void>(mean_interval(std::vector<double>{1})), std::domain_error);
    EXPECT_THROW(static_cast<void>(mean_interval(
                     std::vector<double>{1, std::numeric_limits<double>::quiet_NaN()})),
                 std::domain_error);
    EXPECT_THROW(
        static_cast<void>(mean(std::vector<double>{std::numeric_limits<double>::infinity()})),
        std::domain_error);
}

TEST(MeanInterval, OverlapsWhereItTouches) {
    const MeanInterval a{2, 10, 1, 2};

    EXPECT_TRUE(overlap(a, {2, 14, 1, 2}));
    EXPECT_FALSE(overlap(a, {2, 14.001, 1, 2}));
    EXPECT_TRUE(overlap({2, 10, 0, 0}, a));
}

TEST(MeanInterval, ReadsAsTextForPeople) {
    EXPECT_EQ(to_string(mean_interval(std::vector<double>{217, 220, 222, 225})),
              "221 +- 5.357 (95 %, 4 samples)");
}

} // namespace
} // namespace lab::core
