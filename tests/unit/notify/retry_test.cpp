// SPDX-License-Identifier: Apache-2.0
#include "notify/retry.h"

#include <gtest/gtest.h>

namespace lab::notify {
namespace {

using namespace std::chrono_literals;
using plan::ChannelType;

const WallTime ten_o_clock(1740823200s); // Sat, 01 Mar 2025 10:00:00 GMT

TEST(RetryAfter, IsSecondsOrADate) {
    EXPECT_EQ(parse_retry_after("120", ten_o_clock), Duration(120s));
    EXPECT_EQ(parse_retry_after(" 0.25 ", ten_o_clock), Duration(250ms));
    EXPECT_EQ(parse_retry_after("Sat, 01 Mar 2025 10:01:30 GMT", ten_o_clock), Duration(90s));
    EXPECT_EQ(parse_retry_after("Sat, 01 Mar 2025 09:00:00 GMT", ten_o_clock), Duration(0s));
}

TEST(RetryAfter, IsBoundedAndNeverGuessed) {
    EXPECT_EQ(parse_retry_after("999999999", ten_o_clock), Duration(24h));
    EXPECT_EQ(parse_retry_after("-5", ten_o_clock), Duration(0s));
    for (const auto* text : {"", "soon", "12s", "nan", "inf", "1e3", "Sat, 01 Mar 2025",
                             "Sat, 01 Mar 2025 10:01:30 GMT+2"}) {
        EXPECT_EQ(parse_retry_after(text, ten_o_clock), std::nullopt) << text;
    }
}

struct AnswerCase {
    const char* name;
    ChannelType type;
    Answer answer;
    Fate fate;
    std::optional<Duration> after;
};

void PrintTo(const AnswerCase& row, std::ostream* out) {
    *out << row.name;
}

class Judged : public testing::TestWithParam<AnswerCase> {};

TEST_P(Judged, ByWhatTheServiceAnswers) {
    const auto& row = GetParam();

    const auto judgement = judge(row.type, row.answer, ten_o_clock);

    EXPECT_EQ(judgement.fate, row.fate) << judgement.reason;
    EXPECT_EQ(judgement.after, row.after);
    EXPECT_EQ(judgement.reason.empty(), row.fate == Fate::delivered);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, Judged,
    testing::Values(
        AnswerCase{"Fine", ChannelType::slack, {200, "", "ok"}, Fate::delivered, {}},
        AnswerCase{"NoContent", ChannelType::webhook, {204, "", ""}, Fate::delivered, {}},
        AnswerCase{"Redirect", ChannelType::webhook, {302, "", ""}, Fate::refused, {}},
        AnswerCase{"Unauthorized", ChannelType::ntfy, {401, "", "no"}, Fate::refused, {}},
        AnswerCase{"TooMany", ChannelType::slack, {429, "30", ""}, Fate::retry, 30s},
        AnswerCase{"ServerError", ChannelType::slack, {503, "", "x"}, Fate::retry, {}},
        AnswerCase{"Timeout", ChannelType::slack, {408, "", ""}, Fate::retry, {}},
        AnswerCase{"Discord",
                   ChannelType::discord,
                   {429, "", R"({"message":"slow","retry_after":0.5,"global":false})"},
                   Fate::retry,
                   500ms},
        AnswerCase{"Telegram",
                   ChannelType::telegram,
                   {429, "", R"({"ok":false,"error_code":429,"parameters":{"retry_after":7}})"},
                   Fate::retry,
                   7s},
        AnswerCase{"Matrix",
                   ChannelType::matrix,
                   {429, "", R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500})"},
                   Fate::retry,
                   1500ms},
        AnswerCase{"SlackBotFine",
                   ChannelType::slack_bot,
                   {200, "", R"({"ok":true})"},
                   Fate::delivered,
                   {}},
        AnswerCase{"SlackBotNoChannel",
                   ChannelType::slack_bot,
                   {200, "", R"({"ok":false,"error":"channel_not_found"})"},
                   Fate::refused,
                   {}},
        AnswerCase{"SlackBotLimited",
                   ChannelType::slack_bot,
                   {200, "3", R"({"ok":false,"error":"ratelimited"})"},
                   Fate::retry,
                   3s},
        AnswerCase{"HostileBody",
                   ChannelType::discord,
                   {429, "", R"({"retry_after":"x","parameters":[]})"},
                   Fate::retry,
                   {}}),
    [](const auto& row) { return row.param.name; });

TEST(Judged, QuotesOneShortLineThatIsSafe) {
    const auto reason = judge(ChannelType::webhook,
                              {400, "", "bad\x1B[2J" + std::string(1000, 'x') + "\ny"}, ten_o_clock)
                            .reason;

    EXPECT_LE(reason.size(), 300U);
    EXPECT_EQ(reason.find_first_of("\x1B\n"), std::string::npos);
}

TEST(Backoff, DoublesToALimitAndLeavesHalfToChance) {
    EXPECT_EQ(backoff(1, 0), 500ms);
    EXPECT_EQ(backoff(1, 0.5), 750ms);
    EXPECT_EQ(backoff(4, 0), 4s);
    EXPECT_EQ(backoff(100, 0), 300s);
    EXPECT_EQ(backoff(0, 0), 500ms);
}

} // namespace
} // namespace lab::notify
