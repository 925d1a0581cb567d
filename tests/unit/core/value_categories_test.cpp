// SPDX-License-Identifier: Apache-2.0
#include "core/value_categories.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace lab::core::test {
namespace {

using Cells = std::vector<double>;

/// Values 0 or 20, the second one with a chance, and a little noise.
std::vector<double> two_modes(double high, std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::bernoulli_distribution is_high(high);
    std::normal_distribution<double> noise(0, 1);
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back((is_high(random) ? 20 : 0) + noise(random));
    }
    return values;
}

Cells cells_of(const ValueCategories& categories, const std::vector<double>& values) {
    Cells cells(categories.cells(), 0);
    for (const double value : values) {
        categories.add_sample(cells, value);
    }
    return cells;
}

TEST(ValueCategories, TellTwoModesApartByTheirShares) {
    const auto good = two_modes(0.3, 200, 1);
    const auto bad = two_modes(0.7, 200, 2);
    const ValueCategories categories(good, bad, {6, 14, 9});
    const auto of_good = cells_of(categories, good);
    const auto of_bad = cells_of(categories, bad);
    auto together = of_good;
    for (std::size_t cell = 0; cell < together.size(); ++cell) {
        together[cell] += of_bad[cell];
    }

    const auto ratio = [&](double value) {
        return categories.log_chance(of_bad, value) - categories.log_chance(of_good, value);
    };

    EXPECT_GT(categories.log_evidence(of_good) + categories.log_evidence(of_bad),
              categories.log_evidence(together) + 4);
    EXPECT_NEAR(categories.log_order(of_good, of_bad), std::log(2), 0.01);
    EXPECT_LT(categories.log_order(of_bad, of_good), -5);
    EXPECT_GT(ratio(20), 0.1);
    EXPECT_LT(ratio(0), -0.1);
    EXPECT_EQ(ratio(1e6), 0) << "of no category";
    EXPECT_NEAR(categories.mean(of_good), 6, 2);
    EXPECT_NEAR(categories.mean(of_bad), 14, 2);
}

TEST(ValueCategories, LetNoFarValueMoveTheMeans) {
    std::vector<double> good{1, 2, 3, 1, 2, 3, 1, 2, 3, 1000};
    std::vector<double> bad{4, 5, 6, 4, 5, 6, 4, 5, 6, 1000};
    const ValueCategories categories(good, bad, {2, 5, 1});

    EXPECT_NEAR(categories.mean(cells_of(categories, good)), 2, 1.5);
    EXPECT_NEAR(categories.mean(cells_of(categories, bad)), 5, 1.5);
}

TEST(ValueCategories, ShareACategoryAmongEqualValues) {
    const std::vector<double> good{1, 1, 1, 1, 1, 1, 1, 1};
    const std::vector<double> bad{2, 2, 2, 2, 2, 2, 2, 2};

    const ValueCategories apart(good, bad, {1, 2, 0.1});
    const ValueCategories alike(good, good, {1, 1, 0.1});

    EXPECT_EQ(apart.cells(), 3U) << "two categories and the densities";
    EXPECT_EQ(alike.cells(), 2U);
    EXPECT_EQ(alike.log_evidence(cells_of(alike, good)), 0) << "of one category nothing is learned";
}

/// The densities make up for what the limits were laid by: a normal shape fits normal values, and
/// then the categories are the more wasteful model.
TEST(ValueCategories, HaveADensityThatSumsToOne) {
    const auto good = two_modes(0, 50, 3);
    const auto bad = two_modes(1, 50, 4);
    const ValueCategories categories(good, bad, {0, 20, 1});
    double sum = 0;

    for (double value = -200; value <= 200; value += 0.01) {
        Cells one(categories.cells(), 0);
        categories.add_sample(one, value);
        sum += 0.01 * std::exp(categories.log_evidence(one) + categories.log_densities(one));
    }

    EXPECT_NEAR(sum, 1, 0.01);
}

} // namespace
} // namespace lab::core::test
