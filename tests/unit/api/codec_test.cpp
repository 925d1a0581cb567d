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
        EXPECT_EQ(std::string(error.what()).rfind("config: ", 0), 0U) << error.what();
    }
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
