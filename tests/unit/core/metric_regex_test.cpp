// SPDX-License-Identifier: Apache-2.0
#include "core/metric_regex.h"

#include <gtest/gtest.h>

namespace lab::core {
namespace {

TEST(MetricRegex, NeedsExactlyOneGroup) {
    EXPECT_FALSE(metric_regex_problem("score: ([0-9.]+)"));
    EXPECT_TRUE(metric_regex_problem("score: [0-9.]+"));
    EXPECT_TRUE(metric_regex_problem("(score): ([0-9.]+)"));
    EXPECT_TRUE(metric_regex_problem("score: ("));
    EXPECT_TRUE(metric_regex_problem("(a)\\1")); // RE2 has no back references
}

TEST(MetricRegex, TakesTheFirstMatch) {
    EXPECT_EQ(find_metric("([0-9.]+) ms", "first 12.5 ms, then 13 ms"), 12.5);
    EXPECT_EQ(find_metric("^total: (.*)$", "part: 1\ntotal: -2e3\nend"), -2000);
}

TEST(MetricRegex, FindsNothingWhereThereIsNoFiniteNumber) {
    EXPECT_FALSE(find_metric("t=(.*)", "nothing"));
    EXPECT_FALSE(find_metric("t=(.*)", "t=12 ms"));
    EXPECT_FALSE(find_metric("t=(.*)", "t=nan"));
    EXPECT_FALSE(find_metric("t=(.*)", "t=inf"));
    EXPECT_FALSE(find_metric("t=(.*)", "t="));
    EXPECT_FALSE(find_metric("t=(.*)", "t=1e999"));
}

TEST(MetricRegex, ReadsBytesThatAreNoText) {
    EXPECT_EQ(find_metric("t=([0-9]+)", std::string_view("\xff\x00\xfe t=7\xff", 10)), 7);
}

} // namespace
} // namespace lab::core
