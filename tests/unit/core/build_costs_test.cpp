// SPDX-License-Identifier: Apache-2.0
#include "core/build_costs.h"

#include <gtest/gtest.h>

namespace lab::core {
namespace {

TEST(BuildCosts, KnowsNothingBeforeTheFirstBuild) {
    const BuildCosts costs(100);

    EXPECT_EQ(costs.estimate(5), 0);
}

TEST(BuildCosts, AsksNothingForWhatIsThere) {
    BuildCosts costs(100);
    costs.paid(10, 60);
    costs.found(20);

    EXPECT_EQ(costs.estimate(10), 0);
    EXPECT_EQ(costs.estimate(20), 0);
    EXPECT_DOUBLE_EQ(costs.estimate(11), 60);
}

TEST(BuildCosts, AsksAgainForWhatIsGone) {
    BuildCosts costs(100);
    costs.paid(10, 60);
    costs.lost(10);

    EXPECT_DOUBLE_EQ(costs.estimate(10), 60);
}

TEST(BuildCosts, LearnsThatNearTreesAreWarm) {
    BuildCosts costs(1024);
    costs.paid(0, 600); // from nothing
    costs.paid(512, 90);
    costs.paid(511, 10);
    costs.paid(256, 80);

    EXPECT_LT(costs.estimate(513), 60);
    EXPECT_GT(costs.estimate(1000), 100);
    EXPECT_GT(costs.estimate(1000), costs.estimate(600));
    EXPECT_GE(costs.estimate(1), 5);
}

TEST(BuildCosts, NeverTakesAFarBuildForCheaper) {
    BuildCosts costs(1024);
    costs.paid(0, 10);
    costs.paid(512, 20);
    costs.paid(513, 90);

    EXPECT_EQ(costs.estimate(1000), costs.estimate(514));
}

} // namespace
} // namespace lab::core
