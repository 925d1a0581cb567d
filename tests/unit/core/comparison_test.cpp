// SPDX-License-Identifier: Apache-2.0
#include "core/comparison.h"

#include <gtest/gtest.h>
#include <random>
#include <stdexcept>

namespace lab::core {
namespace {

using Values = std::vector<double>;

const Values first{217, 220, 222, 225};
const Values second{231, 232, 234, 235};

Comparison compare_two(const Values& base, const Values& other,
                       Direction better = Direction::higher_is_better) {
    return compare({{better, {base, other}}}).front().front();
}

// The tables that Fastpath's own documentation prints.
TEST(Summary, HasThePublishedNumbers) {
    const auto a = summarize(first);
    const auto b = summarize(second);

    EXPECT_EQ(a.count, 4U);
    EXPECT_DOUBLE_EQ(a.mean, 221);
    EXPECT_NEAR(a.min / a.mean - 1, -0.0181, 5e-5);
    EXPECT_NEAR(a.max / a.mean - 1, 0.0181, 5e-5);
    EXPECT_NEAR(a.interval->coefficient_of_variation(), 0.0152, 5e-5);
    EXPECT_NEAR(a.interval->half_width / a.mean, 0.0242, 5e-5);
    EXPECT_DOUBLE_EQ(b.mean, 233);
    EXPECT_NEAR(b.max / b.mean - 1, 0.0086, 5e-5);
    EXPECT_NEAR(b.interval->coefficient_of_variation(), 0.0078, 5e-5);
    EXPECT_NEAR(b.interval->half_width / b.mean, 0.0125, 5e-5);
}

TEST(Summary, HasNoIntervalForOneSample) {
    const auto summary = summarize(Values{7});

    EXPECT_EQ(summary.min, 7);
    EXPECT_EQ(summary.max, 7);
    EXPECT_FALSE(summary.interval);
    EXPECT_THROW((void)summarize(Values{}), std::domain_error);
}

TEST(Comparison, SignIsNegativeForWorseInBothDirections) {
    const auto higher = compare_two(first, second);
    const auto lower = compare_two(first, second, Direction::lower_is_better);

    EXPECT_NEAR(*higher.change, 0.0543, 5e-5);
    EXPECT_NEAR(*lower.change, -0.0543, 5e-5);
    EXPECT_NEAR(*higher.shift, 12.0 / 221, 1e-12);
    EXPECT_NEAR(*lower.shift, -12.0 / 221, 1e-12);
    EXPECT_EQ(higher.finding, Difference::improvement);
    EXPECT_EQ(lower.finding, Difference::regression);
    EXPECT_TRUE(higher.disjoint);
}

TEST(Comparison, SignFollowsTheDirectionBelowZeroToo) {
    const auto comparison = compare_two({-10, -11, -9}, {-20, -21, -19});

    EXPECT_NEAR(*comparison.change, -1, 1e-12);
    EXPECT_EQ(comparison.finding, Difference::regression);
}

TEST(Comparison, SaysNothingOfTooFewSamples) {
    const auto comparison = compare_two(first, {300});

    EXPECT_TRUE(comparison.change);
    EXPECT_FALSE(comparison.disjoint);
    EXPECT_FALSE(comparison.welch);
    EXPECT_EQ(comparison.finding, Difference::too_few);
    EXPECT_FALSE(compare_two(first, {}).change);
}

TEST(Comparison, HasNoShareOfAMeanOfZero) {
    const auto comparison = compare_two({-1, 0, 1}, {99, 100, 101});

    EXPECT_FALSE(comparison.change);
    EXPECT_FALSE(comparison.shift);
    EXPECT_EQ(comparison.finding, Difference::improvement);
}

TEST(Comparison, NeedsMoreTheMoreIsCompared) {
    const Values base{100, 101, 102, 103};
    const Values other{103, 104.5, 105, 106};
    ASSERT_EQ(compare_two(base, other).finding, Difference::improvement);
    std::vector<MetricSamples> many(30, {Direction::higher_is_better, {base, base}});
    many.front().profiles[1] = other;

    const auto comparison = compare(many).front().front();

    EXPECT_GT(*comparison.welch, 0.05);
    EXPECT_EQ(comparison.finding, Difference::no_difference);
}

TEST(Comparison, IsNotConvincedWhereRanksDisagree) {
    // The means differ, but four of ten values are lower and six are higher.
    const Values base{100, 100.1, 100.2, 100.3, 100.4, 100.5, 100.6, 100.7, 100.8, 100.9};
    const Values other{99, 99.1, 99.2, 99.3, 105, 105.1, 105.2, 105.3, 105.4, 105.5};

    const auto comparison = compare_two(base, other);

    EXPECT_LE(*comparison.welch, 0.05);
    EXPECT_GT(*comparison.rank, 0.05);
    EXPECT_EQ(comparison.finding, Difference::no_difference);
}

TEST(Comparison, FindsFewDifferencesWhereThereAreNone) {
    std::mt19937 generator(1234);
    std::normal_distribution<double> normal(50, 1);
    const auto draw = [&] {
        Values values(5);
        std::generate(values.begin(), values.end(), [&] { return normal(generator); });
        return values;
    };
    constexpr int rounds = 300;
    int wrong = 0;
    int marked = 0;
    for (int round = 0; round < rounds; ++round) {
        std::vector<MetricSamples> metrics;
        for (int k = 0; k < 20; ++k) {
            metrics.push_back({Direction::higher_is_better, {draw(), draw()}});
        }
        bool any = false;
        for (const auto& row : compare(metrics)) {
            any = any || row.front().finding != Difference::no_difference;
            marked += row.front().disjoint ? 1 : 0;
        }
        wrong += any ? 1 : 0;
    }

    // In at most 5 % of tables there is a false finding, though each compares 20 metrics.
    EXPECT_LE(wrong, rounds * 0.07);
    EXPECT_GT(marked, wrong);
}

} // namespace
} // namespace lab::core
