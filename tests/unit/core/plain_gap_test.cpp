// SPDX-License-Identifier: Apache-2.0
#include "core/plain_gap.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace lab::core::test {
namespace {

using Samples = std::vector<double>;

TEST(PlainGap, TwoSamplesOfEachAreEnoughAtAHundredRanges) {
    EXPECT_TRUE(lie_plainly_apart(Samples{100.0007, 100.0093}, Samples{150.0021, 150.0036}));
    EXPECT_TRUE(lie_plainly_apart(Samples{10.003, 10.008}, Samples{10.608, 10.609}));
    EXPECT_FALSE(lie_plainly_apart(Samples{10.003, 10.018}, Samples{10.608, 10.609}));
}

TEST(PlainGap, WithThreeTwentyRangesAreEnough) {
    const Samples good{1.0003, 1.0101, 1.0207};

    EXPECT_TRUE(lie_plainly_apart(good, Samples{1.4313, 1.4409, 1.4317}));
    EXPECT_FALSE(lie_plainly_apart(good, Samples{1.4213, 1.4309, 1.4217}));
    EXPECT_FALSE(lie_plainly_apart(good, Samples{1.4313, 1.4409}));
}

TEST(PlainGap, ASingleSampleIsNeverPlain) {
    EXPECT_FALSE(lie_plainly_apart(Samples{1}, Samples{1000, 1000}));
    EXPECT_FALSE(lie_plainly_apart(Samples{}, Samples{}));
}

TEST(PlainGap, ValuesRoundedUntilTheyCoincideAreNotQuiet) {
    EXPECT_FALSE(lie_plainly_apart(Samples{1, 1}, Samples{2, 2}));
    EXPECT_FALSE(lie_plainly_apart(Samples{80, 80, 80}, Samples{100, 100, 100}));
    EXPECT_FALSE(lie_plainly_apart(Samples{15.625, 15.625}, Samples{31.25, 31.25}));
    EXPECT_FALSE(lie_plainly_apart(Samples{0, 0}, Samples{3, 3}));
}

TEST(PlainGap, EqualValuesOnAFineScaleAreQuiet) {
    EXPECT_TRUE(lie_plainly_apart(Samples{3354.2, 3354.2}, Samples{6708.5, 6708.5}));
    EXPECT_TRUE(lie_plainly_apart(Samples{0.01, 0.01}, Samples{2.07, 2.07}));
    EXPECT_TRUE(lie_plainly_apart(Samples{-6708.5, -6708.5}, Samples{-3354.2, -3354.2}));
}

TEST(PlainGap, TheWrongWayRoundIsNoGap) {
    EXPECT_FALSE(lie_plainly_apart(Samples{150.0021, 150.0036}, Samples{100.0007, 100.0093}));
}

TEST(PlainGap, WhatIsNotFiniteIsNoGap) {
    const double infinite = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(lie_plainly_apart(Samples{1, 1}, Samples{infinite, infinite}));
    EXPECT_FALSE(lie_plainly_apart(Samples{-infinite, 1}, Samples{2, 2}));
}

/// Of samples of one level, whatever their distribution: seed 1.
template <typename Distribution>
int plain_of(std::size_t size, Distribution distribution) {
    std::mt19937 random(1);
    int plain = 0;
    for (int i = 0; i < 100'000; ++i) {
        Samples good;
        Samples bad;
        for (std::size_t sample = 0; sample < size; ++sample) {
            good.push_back(1000 + distribution(random));
            bad.push_back(1000 + distribution(random));
        }
        plain += lie_plainly_apart(good, bad) ? 1 : 0;
    }
    return plain;
}

TEST(PlainGap, SamplesOfOneLevelHardlyEverLookPlain) {
    for (const std::size_t size : {2, 3, 4}) {
        SCOPED_TRACE(size);
        EXPECT_LE(plain_of(size, std::normal_distribution<double>(0, 1)), 10);
        EXPECT_LE(plain_of(size, std::student_t_distribution<double>(2)), 20);
        EXPECT_LE(plain_of(size, std::exponential_distribution<double>(1)), 20);
    }
}

} // namespace
} // namespace lab::core::test
