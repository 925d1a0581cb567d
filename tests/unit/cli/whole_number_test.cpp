// SPDX-License-Identifier: Apache-2.0
#include "cli/whole_number.h"

#include <gtest/gtest.h>

namespace lab::cli {
namespace {

/// What the command line says to a value; empty when it took it as `expected`.
std::string refusal(const std::string& value, unsigned expected) {
    CLI::App app;
    unsigned number = 0;
    app.add_option("--jobs", number)->check(whole_number(1, 1000));
    try {
        app.parse(std::vector<std::string>{value, "--jobs"});
    } catch (const CLI::ParseError& error) {
        return error.what();
    }
    EXPECT_EQ(number, expected);
    return "";
}

TEST(WholeNumberOption, TakesDecimalDigitsOnly) {
    EXPECT_EQ(refusal("10", 10), "");
    EXPECT_EQ(refusal("1000", 1000), "");
    for (const auto* value :
         {"010", "0x10", "1.9", "1e2", "-1", "+1", " 1", "0", "1001", "", "4294967297", "1\n"}) {
        EXPECT_NE(refusal(value, 0), "") << value;
    }
    EXPECT_EQ(refusal("010", 0), "--jobs: '010' is not allowed (a whole number from 1 to 1000)");
}

} // namespace
} // namespace lab::cli
