// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"

#include <gtest/gtest.h>

namespace lab::api {
namespace {

std::string problem_of(const std::string& text) {
    try {
        (void)parse_json(text, "body");
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        return error.what();
    }
}

TEST(Codec, KeepsAJobAsItIs) {
    Job job;
    job.id = "01A";
    job.state = "failed";
    job.exit_code = 7;
    job.ended = "2025-03-01T10:00:00.000Z";
    job.seconds = 1.5;

    const auto back = nlohmann::json::parse(json_text(nlohmann::json(job))).get<Job>();

    EXPECT_EQ(back.id, "01A");
    EXPECT_EQ(back.exit_code, 7);
    EXPECT_EQ(back.started, std::nullopt);
    EXPECT_EQ(back.ended, job.ended);
    EXPECT_EQ(back.seconds, 1.5);
}

TEST(Codec, LetsANewerSideSendMoreAndAnOlderOneLess) {
    const auto vm = nlohmann::json::parse(R"({"name":"a","colour":"red"})").get<Vm>();

    EXPECT_EQ(vm.name, "a");
    EXPECT_EQ(vm.cpus, 0U);
}

TEST(Codec, ReplacesBytesThatAreNotUtf8) {
    EXPECT_EQ(json_text("a\xff"), "\"a\xEF\xBF\xBD\"");
}

TEST(Codec, ReportsAWrongTypeWithItsSubject) {
    try {
        (void)decode<ConfigText>(nlohmann::json::parse(R"({"path":1})"), "config");
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).rfind("config: path: ", 0), 0U) << error.what();
    }
}

class WholeNumber : public testing::TestWithParam<const char*> {};

TEST_P(WholeNumber, IsNotMadeOfAnythingElse) {
    const auto body =
        nlohmann::json::parse(std::string(R"({"host":"h","port":)") + GetParam() + "}");
    try {
        (void)decode<Sut>(body, "request body");
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_EQ(std::string(error.what()).rfind("request body: port: is no whole number", 0), 0U)
            << error.what();
    }
}

INSTANTIATE_TEST_SUITE_P(Values, WholeNumber,
                         testing::Values("1.9", "1.0", "1e2", "-1", "true", "4294967297", "1e99",
                                         "\"22\"", "[22]", "18446744073709551616"));

TEST(WholeNumbers, AreReadWithinTheirRange) {
    const auto number = nlohmann::json::parse("18446744073709551615");
    EXPECT_EQ(number.get<std::uint64_t>(), 18446744073709551615U);
    EXPECT_THROW((void)number.get<std::int64_t>(), nlohmann::json::exception);
    EXPECT_EQ(nlohmann::json::parse("-5").get<int>(), -5);
    EXPECT_THROW((void)nlohmann::json::parse("-5").get<unsigned>(), nlohmann::json::exception);
    EXPECT_EQ(nlohmann::json(7).get<std::uint64_t>(), 7U);
    EXPECT_EQ(decode<Sut>(nlohmann::json::parse(R"({"port":2222})"), "x").port, 2222U);
    EXPECT_FALSE(decode<GarbageRequest>(nlohmann::json::parse("{}"), "x").keep_at_most);
}

TEST(ParseJson, SaysWhereASyntaxErrorIs) {
    EXPECT_NE(problem_of("{\"a\": }").find("at byte 7"), std::string::npos)
        << problem_of("{\"a\": }");
    EXPECT_NE(problem_of("{} ]").find("at byte 4"), std::string::npos);
    EXPECT_NE(problem_of(""), "");
}

TEST(ParseJson, AllowsSixtyFourLevels) {
    EXPECT_EQ(problem_of(std::string(64, '[') + std::string(64, ']')), "");
    EXPECT_NE(problem_of(std::string(65, '[') + std::string(65, ']')).find("too deep"),
              std::string::npos);
    EXPECT_NE(problem_of(std::string(1000000, '[')).find("too deep"), std::string::npos);
}

TEST(ParseJson, RefusesAKeyThatHidesAnother) {
    EXPECT_NE(problem_of(R"({"a":{"b":1,"b":2}})").find("\"b\" is there twice"), std::string::npos);
    EXPECT_EQ(problem_of(R"({"a":{"b":1},"c":{"b":2}})"), "");
}

TEST(ParseJson, RefusesNumbersBeyondDoubleAndLoneSurrogates) {
    EXPECT_NE(problem_of("1e400"), "");
    EXPECT_NE(problem_of("\"\\ud800\""), "");
}

TEST(ErrorBody, ComesBackAsTheSameError) {
    const auto error =
        error_from_body(json_text(error_body(ErrorCode::not_found, "job 1: none", "list them")));

    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::not_found);
    EXPECT_STREQ(error->what(), "job 1: none");
    EXPECT_EQ(error->hint(), "list them");
}

TEST(ErrorBody, IsNotReadFromOtherTexts) {
    for (const char* text : {"", "{}", "[]", "<html>", R"({"error":"x"})"}) {
        EXPECT_FALSE(error_from_body(text)) << text;
    }
}

TEST(VersionMismatch, TellsWhichSideToChange) {
    EXPECT_NE(version_mismatch("2").hint().find("restart the daemon"), std::string::npos);
    EXPECT_NE(version_mismatch("0").hint().find("upgrade lab"), std::string::npos);
}

} // namespace
} // namespace lab::api
