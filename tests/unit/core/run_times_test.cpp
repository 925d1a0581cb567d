// SPDX-License-Identifier: Apache-2.0
#include "core/run_times.h"

#include <gtest/gtest.h>

namespace lab::core {
namespace {

TEST(RunTimes, TakesWholeRunsForTestsUntilOneWasWithoutABuild) {
    RunTimes times;

    EXPECT_EQ(times.test(), 0);
    EXPECT_EQ(times.add_build_and_test(12), 0);
    EXPECT_EQ(times.add_build_and_test(8), 0);
    EXPECT_DOUBLE_EQ(times.test(), 10);

    times.add_test(2);
    EXPECT_DOUBLE_EQ(times.test(), 2);
}

TEST(RunTimes, TellsBuildAndTestApart) {
    RunTimes times;
    times.add_test(1);
    times.add_test(3);

    EXPECT_DOUBLE_EQ(times.add_build_and_test(12), 10);
    EXPECT_EQ(times.add_build_and_test(1), 0); // a fast test, and nothing to build
    EXPECT_DOUBLE_EQ(times.test(), 2);
}

} // namespace
} // namespace lab::core
