// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostics.h"
#include "base/error.h"
#include "base/expected.h"

#include <gtest/gtest.h>
#include <memory>

namespace lab {
namespace {

TEST(Expected, HoldsAValue) {
    const Expected<int, std::string> answer = 42;

    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(*answer, 42);
}

TEST(Expected, HoldsAnError) {
    const Expected<int, std::string> answer = Unexpected{std::string("why")};

    EXPECT_FALSE(answer);
    EXPECT_EQ(answer.error(), "why");
}

TEST(Expected, TellsValueAndErrorOfOneTypeApart) {
    const Expected<std::string, std::string> answer = Unexpected{std::string("why")};

    EXPECT_FALSE(answer);
    EXPECT_EQ(answer.error(), "why");
}

TEST(Expected, MovesItsValueOut) {
    Expected<std::unique_ptr<int>, std::string> answer = std::make_unique<int>(1);

    const auto value = std::move(answer).value();

    EXPECT_EQ(*value, 1);
}

TEST(ExpectedDeathTest, AbortsWhenTheWrongSideIsRead) {
    const Expected<int, std::string> value = 1;
    const Expected<int, std::string> error = Unexpected{std::string("why")};

    EXPECT_DEATH(static_cast<void>(error.value()), "");
    EXPECT_DEATH(static_cast<void>(value.error()), "");
}

TEST(Diagnostics, BecomeOneErrorWithAllOfThem) {
    const Parsed<int> parsed =
        Unexpected{Diagnostics{{"a:1:1", "first"}, {"a:2:1", "second", "do this"}}};

    try {
        value_or_throw(parsed);
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_STREQ(error.what(), "a:1:1: first\na:2:1: second");
        EXPECT_EQ(error.hint(), "do this");
    }
}

TEST(Diagnostics, AreNotInTheWayOfAValue) {
    EXPECT_EQ(value_or_throw(Parsed<int>(7)), 7);
}

TEST(ErrorCode, ComesBackFromItsWordAndHasItsOwnExitCode) {
    int expected = 2;
    for (const auto code : {ErrorCode::bad_input, ErrorCode::not_found, ErrorCode::conflict,
                            ErrorCode::infra, ErrorCode::timed_out}) {
        EXPECT_EQ(error_code_from(to_string(code)), code);
        EXPECT_EQ(exit_code(code), expected++);
    }
    EXPECT_EQ(error_code_from("no such word"), ErrorCode::infra);
}

} // namespace
} // namespace lab
