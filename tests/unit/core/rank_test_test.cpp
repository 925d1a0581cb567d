// SPDX-License-Identifier: Apache-2.0
#include "core/rank_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <stdexcept>

namespace lab::core {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

using Values = std::vector<double>;

const Values first{217, 220, 222, 225};
const Values second{231, 232, 234, 235};

// Expected numbers were computed by enumeration of all orders, and by numerical integration of
// Student's density, in another language.
TEST(MannWhitney, CountsOrdersExactly) {
    EXPECT_DOUBLE_EQ(mann_whitney(first, second), 2.0 / 70);
    EXPECT_DOUBLE_EQ(mann_whitney(second, first), 2.0 / 70);
    EXPECT_NEAR(mann_whitney(Values{1, 4, 6, 9, 11}, Values{2, 3, 12, 13, 14, 15}),
                0.24675324675324675, 1e-15);
    EXPECT_DOUBLE_EQ(mann_whitney(Values{1, 4}, Values{2, 3}), 1);
}

TEST(MannWhitney, HasTheCriticalValuesOfTheTables) {
    // Five against five, two-sided 5 %: U = 2 is significant, U = 3 is not.
    EXPECT_NEAR(mann_whitney(Values{1, 2, 3, 4, 7}, Values{5, 6, 8, 9, 10}), 8.0 / 252, 1e-15);
    EXPECT_NEAR(mann_whitney(Values{1, 2, 3, 4, 8}, Values{5, 6, 7, 9, 10}), 14.0 / 252, 1e-15);
}

TEST(MannWhitney, CorrectsForTies) {
    EXPECT_NEAR(mann_whitney(Values{1, 2, 2, 3, 5}, Values{2, 4, 5, 5, 6, 7}), 0.07724878165472983,
                1e-12);
    EXPECT_EQ(mann_whitney(Values{3, 3}, Values{3, 3, 3}), 1);
}

TEST(MannWhitney, IsLeastWhenNothingOverlaps) {
    EXPECT_DOUBLE_EQ(least_mann_whitney(4, 4), 2.0 / 70);
    EXPECT_DOUBLE_EQ(least_mann_whitney(2, 2), 1.0 / 3);
    EXPECT_EQ(least_mann_whitney(1000, 1000), 0);
}

TEST(MannWhitney, IsAsOftenSignificantAsItSaysWithoutADifference) {
    std::mt19937 generator(4711);
    std::normal_distribution<double> normal(100, 3);
    constexpr int rounds = 4000;
    int exact = 0;
    int approximate = 0;
    const auto draw = [&](std::size_t count) {
        Values values(count);
        std::generate(values.begin(), values.end(), [&] { return normal(generator); });
        return values;
    };
    for (int i = 0; i < rounds; ++i) {
        exact += mann_whitney(draw(6), draw(7)) <= 0.05 ? 1 : 0;
        approximate += mann_whitney(draw(25), draw(30)) <= 0.05 ? 1 : 0;
    }

    EXPECT_LE(exact, rounds * 0.06);
    EXPECT_NEAR(approximate, rounds * 0.05, rounds * 0.012);
}

TEST(Welch, HasTheNumbersOfNumericalIntegration) {
    EXPECT_NEAR(welch(first, second), 0.0020089156096750713, 1e-10);
    EXPECT_NEAR(welch(Values{1, 4, 6, 9, 11}, Values{2, 3, 12, 13, 14, 15}), 0.2501135625326913,
                1e-9);
}

TEST(Welch, IsCertainWhereNothingVaries) {
    EXPECT_EQ(welch(Values{2, 2}, Values{2, 2, 2}), 1);
    EXPECT_EQ(welch(Values{2, 2}, Values{3, 3}), 0);
    EXPECT_LT(welch(Values{2, 2, 2}, Values{3, 3.1}), 0.1);
}

TEST(HodgesLehmann, IsTheMedianOfAllDifferences) {
    EXPECT_NEAR(hodges_lehmann(first, second), 12, 1e-9);
    EXPECT_NEAR(hodges_lehmann(second, first), -12, 1e-9);
    EXPECT_NEAR(hodges_lehmann(Values{1, 2, 2, 3, 5}, Values{2, 4, 5, 5, 6, 7}), 2.5, 1e-12);
    EXPECT_DOUBLE_EQ(hodges_lehmann(Values{5}, Values{7}), 2);
    EXPECT_NEAR(hodges_lehmann(Values{5, 5, 5}, Values{5, 5}), 0, 1e-300);
}

TEST(HodgesLehmann, AgreesWithSortingEveryDifference) {
    std::mt19937 generator(7);
    std::lognormal_distribution<double> distribution(0, 2);
    for (int round = 0; round < 50; ++round) {
        Values a(1 + generator() % 9);
        Values b(1 + generator() % 9);
        for (auto* values : {&a, &b}) {
            std::generate(values->begin(), values->end(), [&] { return distribution(generator); });
        }
        Values all;
        for (const double x : a) {
            for (const double y : b) {
                all.push_back(y - x);
            }
        }
        std::sort(all.begin(), all.end());
        const auto middle = all.size() / 2;
        const double median =
            all.size() % 2 == 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2;

        EXPECT_NEAR(hodges_lehmann(a, b), median, 1e-9 * std::max(1.0, std::abs(median)));
    }
}

TEST(HodgesLehmann, IgnoresAnOutlier) {
    EXPECT_NEAR(hodges_lehmann(first, Values{231, 232, 234, 1e9}), 12.0, 1);
}

TEST(BenjaminiHochberg, RejectsTheFourOfItsOwnPaper) {
    // The example of the paper of 1995, section 4: at 5 % the first four are rejected.
    const auto adjusted =
        benjamini_hochberg({0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
                            0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000});

    EXPECT_EQ(std::count_if(adjusted.begin(), adjusted.end(), [](double p) { return p <= 0.05; }),
              4);
    EXPECT_DOUBLE_EQ(adjusted[3], 0.0095 * 15 / 4);
    EXPECT_DOUBLE_EQ(adjusted.back(), 1);
}

TEST(BenjaminiHochberg, KeepsOrderAndNeverGoesUpTheList) {
    EXPECT_THAT(
        benjamini_hochberg({0.04, 0.01, 0.03}),
        ElementsAre(DoubleNear(0.04, 1e-15), DoubleNear(0.03, 1e-15), DoubleNear(0.04, 1e-15)));
    EXPECT_THAT(benjamini_hochberg({}), testing::IsEmpty());
}

TEST(RankTest, RefusesWhatIsNoSample) {
    const Values none;
    const Values bad{1, std::numeric_limits<double>::quiet_NaN()};

    EXPECT_THROW((void)mann_whitney(none, first), std::domain_error);
    EXPECT_THROW((void)mann_whitney(first, bad), std::domain_error);
    EXPECT_THROW((void)welch(Values{1}, first), std::domain_error);
    EXPECT_THROW((void)hodges_lehmann(bad, first), std::domain_error);
}

} // namespace
} // namespace lab::core
