// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

using namespace std::chrono_literals;

TEST(Bytes, AreParsedWithTheirUnit) {
    EXPECT_EQ(parse_bytes("0B"), Bytes{0});
    EXPECT_EQ(parse_bytes("1024B"), Bytes{1024});
    EXPECT_EQ(parse_bytes("64KiB"), Bytes{65536});
    EXPECT_EQ(parse_bytes("512MiB"), mebibytes(512));
    EXPECT_EQ(parse_bytes("4GiB"), gibibytes(4));
    EXPECT_EQ(parse_bytes("2TiB"), gibibytes(2048));
}

TEST(Bytes, OfAnyOtherTextAreNone) {
    for (const auto* text : {"", "1", "GiB", "1GB", "1gib", "1.5GiB", "-1GiB", "+1GiB", " 1GiB",
                             "1GiB ", "1 GiB", "0x1GiB", "1e3B", "1GiBB"}) {
        EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
    }
}

TEST(Bytes, ThatOverflowAreNone) {
    EXPECT_EQ(parse_bytes("4194304TiB"), Bytes{std::uint64_t{1} << 62U});
    EXPECT_EQ(parse_bytes("4194305TiB"), std::nullopt);
    EXPECT_EQ(parse_bytes("18446744073709551615B"), std::nullopt);
    EXPECT_EQ(parse_bytes("99999999999999999999999B"), std::nullopt);
}

TEST(Bytes, AreShownWithOneDecimal) {
    EXPECT_EQ(format_bytes({0}), "0 B");
    EXPECT_EQ(format_bytes({1023}), "1023 B");
    EXPECT_EQ(format_bytes({1024}), "1.0 KiB");
    EXPECT_EQ(format_bytes(mebibytes(1536)), "1.5 GiB");
    EXPECT_EQ(format_bytes({std::uint64_t{1} << 63U}), "8192.0 PiB");
}

TEST(Bytes, AreComparedAndAdded) {
    EXPECT_LT(mebibytes(1023), gibibytes(1));
    EXPECT_EQ(mebibytes(512) + mebibytes(512), gibibytes(1));
}

TEST(Duration, IsParsedWithItsUnit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("365d"), 24h * 365);
}

TEST(Duration, OfAnyOtherTextIsNone) {
    for (const auto* text : {"", "1", "s", "1.5h", "-1s", "1 s", "1min", "1h30m", "366d", "1S",
                             "99999999999999999999s"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(Duration, IsShownInTheUnitThatFits) {
    EXPECT_EQ(format_duration(0ms), "0.0 s");
    EXPECT_EQ(format_duration(400ms), "0.4 s");
    EXPECT_EQ(format_duration(9900ms), "9.9 s");
    EXPECT_EQ(format_duration(12'999ms), "12 s");
    EXPECT_EQ(format_duration(59s), "59 s");
    EXPECT_EQ(format_duration(185s), "3 min 05 s");
    EXPECT_EQ(format_duration(130min), "2 h 10 min");
}

} // namespace
} // namespace lab
