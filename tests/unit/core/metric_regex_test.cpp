// SPDX-License-Identifier: Apache-2.0
#include "core/metric_regex.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::core {
namespace {

/// What is found in an output that comes in pieces.
Expected<double, std::string> search(const std::string& pattern, std::string_view output,
                                     OutputEnd end = OutputEnd::whole) {
    constexpr std::size_t piece = 10'000;
    MetricSearch search(pattern);
    for (; !output.empty(); output.remove_prefix(std::min(piece, output.size()))) {
        search.feed(output.substr(0, piece));
    }
    return search.finish(end);
}

std::optional<double> found(const std::string& pattern, std::string_view output) {
    const auto value = search(pattern, output);
    return value ? std::optional(*value) : std::nullopt;
}

/// Lines of other output.
std::string noise(std::size_t size) {
    std::string text(size, 'x');
    for (std::size_t i = 99; i < size; i += 100) {
        text[i] = '\n';
    }
    return text;
}

TEST(MetricRegex, NeedsExactlyOneGroup) {
    EXPECT_FALSE(metric_regex_problem("score: ([0-9.]+)"));
    EXPECT_TRUE(metric_regex_problem("score: [0-9.]+"));
    EXPECT_TRUE(metric_regex_problem("(score): ([0-9.]+)"));
    EXPECT_TRUE(metric_regex_problem("score: ("));
    EXPECT_TRUE(metric_regex_problem("(a)\\1")); // RE2 has no back references
}

TEST(MetricRegex, TakesTheFirstMatch) {
    EXPECT_EQ(found("([0-9.]+) ms", "first 12.5 ms, then 13 ms"), 12.5);
    EXPECT_EQ(found("^total: (.*)$", "part: 1\ntotal: -2e3\nend"), -2000);
}

TEST(MetricRegex, FindsNothingWhereThereIsNoFiniteNumber) {
    EXPECT_FALSE(found("t=(.*)", "nothing"));
    EXPECT_FALSE(found("t=(.*)", "t=12 ms"));
    EXPECT_FALSE(found("t=(.*)", "t=nan"));
    EXPECT_FALSE(found("t=(.*)", "t=inf"));
    EXPECT_FALSE(found("t=(.*)", "t="));
    EXPECT_FALSE(found("t=(.*)", "t=1e999"));
}

TEST(MetricRegex, ReadsBytesThatAreNoText) {
    EXPECT_EQ(found("t=([0-9]+)", std::string_view("\xff\x00\xfe t=7\xff", 10)), 7);
}

TEST(MetricRegex, FindsItsNumberInAnOutputOfAnyLength) {
    for (const std::size_t before : {0, 1'048'560, 1'048'570, 5'000'000}) {
        const auto output =
            noise(before / 100 * 100) + "time: 12.5 ms\n" + noise(3'000'000) + "time: 9 ms\n";
        EXPECT_EQ(found("^time: ([0-9.]+) ms$", output), 12.5) << before;
    }
    EXPECT_EQ(found("time: ([0-9]+)", noise(2'000'000) + "\ntime: 7"), 7);
    EXPECT_EQ(search("time: ([0-9]+)", noise(2'000'000)).error(), "finds no number in the output");
}

TEST(MetricRegex, MayMatchSeveralLinesOfWhatIsKeptAsAWhole) {
    const std::string pattern = "time:\\s+([0-9]+)";

    EXPECT_EQ(found(pattern, "time:\n 12\n"), 12);
    EXPECT_THAT(
        search(pattern, "time:\n 12\n" + noise(2'000'000)).error(),
        testing::HasSubstr("output over 1 MiB, and the pattern matches more than one line"));
    EXPECT_EQ(found(pattern, "time: 12\n" + noise(2'000'000)), 12);
}

TEST(MetricRegex, TakesNoNumberThatMayHaveBeenCut) {
    EXPECT_EQ(search("time: ([0-9]+)", "time: 12", OutputEnd::cut).error(),
              "finds a number that may have been cut");
    EXPECT_EQ(search("time: ([0-9]+)", noise(2'000'000) + "time: 12", OutputEnd::cut).error(),
              "finds a number that may have been cut");
    EXPECT_EQ(search("time: ([0-9]+)", "time: 12\nti", OutputEnd::cut).value(), 12);
    EXPECT_THAT(search("time: ([0-9]+)", "time: 12" + std::string(2'000'000, 'x')).error(),
                testing::HasSubstr("output over 1 MiB, and a line of it is as long"));
}

} // namespace
} // namespace lab::core
