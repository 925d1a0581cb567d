// SPDX-License-Identifier: Apache-2.0
#include "report/scale.h"

#include <cmath>
#include <gtest/gtest.h>

namespace lab::report {
namespace {

using Values = std::vector<double>;

TEST(Ticks, AreRoundNumbers) {
    std::string fifths;
    for (const double mark : ticks({0, 1}, 6)) {
        fifths += tick_text(mark, 0.2) + " ";
    }
    EXPECT_EQ(fifths, "0.0 0.2 0.4 0.6 0.8 1.0 ");
    EXPECT_EQ(ticks({4353, 6841}, 5), (Values{4500, 5000, 5500, 6000, 6500}));
    EXPECT_EQ(ticks({-3, 3}, 3), (Values{-2, 0, 2}));
}

TEST(Ticks, AreNeverMoreThanWanted) {
    for (double low = -1e6; low < 1e6; low += 123456.7) {
        for (double width = 1e-3; width < 1e12; width *= 7.3) {
            const Extent extent{low, low + width};
            const auto marks = ticks(extent, 7);
            EXPECT_LE(marks.size(), 7U);
            for (const double mark : marks) {
                EXPECT_GE(mark, extent.low - width * 1e-3 - std::abs(low) * 1e-12);
                EXPECT_LE(mark, extent.high + width * 1e-3 + std::abs(low) * 1e-12);
            }
        }
    }
}

TEST(Ticks, AreNoneOfNothing) {
    EXPECT_TRUE(ticks({1, 1}, 5).empty());
    EXPECT_TRUE(ticks({0, NAN}, 5).empty());
}

TEST(Ticks, EndWhereNumbersHaveNoMoreDigits) {
    EXPECT_LE(ticks({1e17, 1e17 + 64}, 5).size(), 5U);
    EXPECT_LE(ticks({-1e308, 1e308}, 5).size(), 5U);
}

TEST(TimeTicks, AreRoundForPeople) {
    EXPECT_EQ(time_ticks({0, 45}, 4), (Values{0, 15, 30, 45}));
    EXPECT_EQ(time_ticks({0, 700}, 5), (Values{0, 300, 600}));
    EXPECT_EQ(time_ticks({0, 10 * 86400.0}, 6),
              (Values{0, 172800, 345600, 518400, 691200, 864000}));
}

TEST(PowerTicks, BeginAtOne) {
    EXPECT_EQ(power_ticks({1, 70}, 4), (Values{1, 4, 16, 64}));
}

TEST(TickText, HasTheDecimalsOfTheStep) {
    EXPECT_EQ(tick_text(4500, 500), "4500");
    EXPECT_EQ(tick_text(0.30000000000000004, 0.1), "0.3");
    EXPECT_EQ(tick_text(-1e-20, 0.5), "0.0");
    EXPECT_EQ(tick_text(2e12, 1e12), "2e+12");
}

TEST(ExtentOf, IsNeverEmpty) {
    EXPECT_EQ(extent_of({}, 0.1).high, 1);
    EXPECT_EQ(extent_of({0}, 0.1).low, -1);
    EXPECT_EQ(extent_of({200, 200}, 0.1).low, 190);
    EXPECT_EQ(extent_of({0, 10}, 0.1).high, 11);
}

TEST(Scale, MapsLinesAndLogarithms) {
    const Scale line({10, 20}, {100, 0});
    const Scale powers({1, 64}, {0, 60}, Spacing::logarithmic);

    EXPECT_DOUBLE_EQ(line(15), 50);
    EXPECT_DOUBLE_EQ(line(99), 0);
    EXPECT_DOUBLE_EQ(powers(8), 30);
    EXPECT_DOUBLE_EQ(powers(0), 0);
}

TEST(FailureInterval, IsWilsons) {
    // Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, 0 of 20.
    const auto some = failure_interval(81, 263);
    const auto none = failure_interval(0, 20);

    EXPECT_NEAR(some.low, 0.2553, 5e-5);
    EXPECT_NEAR(some.high, 0.3662, 5e-5);
    EXPECT_NEAR(none.low, 0, 1e-12);
    EXPECT_NEAR(none.high, 0.1611, 5e-5);
}

} // namespace
} // namespace lab::report
