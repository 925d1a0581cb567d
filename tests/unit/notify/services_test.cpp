// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"
#include "base/text.h"
#include "notify/delivery.h"
#include "notify/fit.h"
#include "tests/unit/notify/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::notify {
namespace {

using plan::ChannelType;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

/// A channel of a type with every key it may have.
plan::Channel channel_of(ChannelType type) {
    plan::Channel channel;
    channel.name = "chat";
    channel.type = type;
    channel.settings = {{"chat", "-100"},
                        {"channel", "C1"},
                        {"room", "!room:example.org"},
                        {"from", "lab@example.org"}};
    if (type == ChannelType::matrix) {
        channel.settings["server"] = "https://matrix.example.org/";
    }
    if (type == ChannelType::email) {
        channel.settings["server"] = "smtp://mail.example.org:587";
        channel.settings["user"] = "lab";
    }
    channel.words = {"me@example.org", "you@example.org"};
    return channel;
}

const Secrets secrets{{"url", "https://hooks.example.org/services/T0/secretpath"},
                      {"token", "123:secrettoken"},
                      {"user", "secretuser"},
                      {"topic", "secrettopic"},
                      {"password", "secretpassword"},
                      {"secret", "secretkey"}};

Message plain_message() {
    Message message;
    message.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    message.thread = "job-1";
    message.title = "done: make";
    message.text = "make\nexit code 0 after 12 s on box";
    message.link = "https://lab.example.org/jobs/1";
    message.host = "box";
    message.time = WallTime(std::chrono::seconds(1740823200)); // 2025-03-01 10:00:00 UTC
    message.facts = {{"exit_code", 0}};
    return message;
}

/// Long, hostile and not even UTF-8.
Message hostile_message() {
    auto message = plain_message();
    message.title = "@everyone <!channel> \"\\ *x* \xFF\x1B[2J";
    message.text = "```@here <@U1> & @room\r\nSubject: x\n";
    for (int i = 0; i < 3000; ++i) {
        message.text += "😀<&>`*";
    }
    message.urgency = Urgency::high;
    return message;
}

HttpRequest http(ChannelType type, const Message& message) {
    return std::get<HttpRequest>(make_delivery(channel_of(type), secrets, message));
}

class HttpService : public testing::TestWithParam<ChannelType> {};

TEST_P(HttpService, SendsWhatIsDocumented) {
    const auto schema = test::schema_of(to_string(GetParam()));

    for (const auto& message : {plain_message(), hostile_message(), Message{}}) {
        auto named = message;
        named.id = "1";
        named.title = message.title.empty() ? "t" : message.title;
        const auto request = http(GetParam(), named);

        const auto body = nlohmann::json::parse(request.body);
        EXPECT_THAT(test::violations(schema, body), ElementsAre()) << request.body.substr(0, 500);
        EXPECT_LT(request.body.size(), GetParam() == ChannelType::teams ? 28000U : 64000U);
        EXPECT_THAT(request.headers, Contains(Pair("Content-Type", "application/json")));
        EXPECT_TRUE(request.url.starts_with("https://")) << request.url;

        named.series = "1";
        named.stands = "7/8"; // a change of what is shown
        const auto change = nlohmann::json::parse(http(GetParam(), named).body);
        EXPECT_THAT(test::violations(schema, change), ElementsAre())
            << change.dump().substr(0, 500);
        EXPECT_LT(change.dump().size(), 64000U);
    }
}

TEST_P(HttpService, IsShownWithoutSecrets) {
    const auto shown =
        describe(make_delivery(channel_of(GetParam()), masked(secrets), plain_message()));

    EXPECT_THAT(shown, Not(HasSubstr("secret")));
    EXPECT_THAT(shown, HasSubstr("***"));
}

INSTANTIATE_TEST_SUITE_P(Services, HttpService,
                         testing::Values(ChannelType::slack, ChannelType::slack_bot,
                                         ChannelType::discord, ChannelType::telegram,
                                         ChannelType::matrix, ChannelType::ntfy,
                                         ChannelType::pushover, ChannelType::mattermost,
                                         ChannelType::rocketchat, ChannelType::teams,
                                         ChannelType::webhook),
                         [](const auto& row) {
                             std::string name = to_string(row.param);
                             return name == "slack-bot" ? "slack_bot" : name;
                         });

TEST(Services, AreAddressedAsTheyDocument) {
    const auto message = plain_message();

    EXPECT_EQ(http(ChannelType::slack, message).url, secrets.at("url"));
    EXPECT_EQ(http(ChannelType::slack_bot, message).url, "https://slack.com/api/chat.postMessage");
    EXPECT_EQ(http(ChannelType::discord, message).url, secrets.at("url") + "?wait=true");
    EXPECT_EQ(http(ChannelType::telegram, message).url,
              "https://api.telegram.org/bot123:secrettoken/sendMessage");
    EXPECT_EQ(http(ChannelType::matrix, message).url,
              "https://matrix.example.org/_matrix/client/v3/rooms/%21room:example.org/send/"
              "m.room.message/01ARZ3NDEKTSV4RRFFQ69G5FAV");
    EXPECT_EQ(http(ChannelType::matrix, message).method, "PUT");
    EXPECT_EQ(http(ChannelType::ntfy, message).url, "https://ntfy.sh/");
    EXPECT_EQ(http(ChannelType::pushover, message).url, "https://api.pushover.net/1/messages.json");
    for (const auto type : {ChannelType::slack_bot, ChannelType::matrix, ChannelType::ntfy}) {
        EXPECT_THAT(http(type, message).headers,
                    Contains(Pair("Authorization", "Bearer 123:secrettoken")));
    }
}

TEST(Services, ChangeWhatTheyShowWhereTheyCan) {
    auto message = plain_message();
    message.series = "job-1-progress";
    const auto with = [&](const std::string& shown) {
        message.stands = shown;
        return message;
    };

    const auto slack = http(ChannelType::slack_bot, with("C9/17.5"));
    EXPECT_EQ(slack.url, "https://slack.com/api/chat.update");
    EXPECT_EQ(nlohmann::json::parse(slack.body)["channel"], "C9");
    EXPECT_EQ(nlohmann::json::parse(slack.body)["ts"], "17.5");
    const auto discord = http(ChannelType::discord, with("77"));
    EXPECT_EQ(discord.method, "PATCH");
    EXPECT_EQ(discord.url, secrets.at("url") + "/messages/77");
    const auto telegram = http(ChannelType::telegram, with("5"));
    EXPECT_TRUE(telegram.url.ends_with("/editMessageText"));
    EXPECT_EQ(nlohmann::json::parse(telegram.body)["message_id"], 5);
    const auto matrix = nlohmann::json::parse(http(ChannelType::matrix, with("$e:x")).body);
    EXPECT_EQ(matrix["m.relates_to"]["event_id"], "$e:x");
    EXPECT_EQ(matrix["m.new_content"]["body"], matrix["body"].get<std::string>().substr(2));
    EXPECT_THAT(http(ChannelType::ntfy, with("")).headers,
                Contains(Pair("X-Sequence-ID", "job-1-progress")));
}

TEST(Services, ThatCountBytesOrUnitsGetNoMore) {
    const auto of = [](ChannelType type, const char* key) {
        return nlohmann::json::parse(http(type, hostile_message()).body)[key].get<std::string>();
    };

    EXPECT_LE(of(ChannelType::ntfy, "message").size(), 4096U);
    EXPECT_LE(length_of(of(ChannelType::telegram, "text"), Unit::utf16), 4096U);
    EXPECT_LE(length_of(of(ChannelType::discord, "content"), Unit::utf16), 2000U);
    EXPECT_GE(length_of(of(ChannelType::discord, "content"), Unit::utf16), 1900U);
    EXPECT_LE(length_of(of(ChannelType::pushover, "message"), Unit::utf16), 1024U);
}

TEST(Services, ThatReadMentionsInTextSeeNone) {
    for (const auto type : {ChannelType::slack, ChannelType::slack_bot}) {
        EXPECT_THAT(http(type, hostile_message()).body, Not(HasSubstr("<")));
    }
    for (const auto type :
         {ChannelType::mattermost, ChannelType::rocketchat, ChannelType::telegram}) {
        const auto body = http(type, hostile_message()).body;
        EXPECT_THAT(body, Not(HasSubstr("@everyone")));
        EXPECT_THAT(body, Not(HasSubstr("@here")));
    }
    const auto text =
        nlohmann::json::parse(http(ChannelType::mattermost, hostile_message()).body)["text"]
            .get<std::string>();
    EXPECT_EQ(text.find("```"), text.find("\n```\n") + 1);
    EXPECT_THAT(text, Not(HasSubstr("<!channel")));
}

TEST(Telegram, MarksTheTitleInUtf16Units) {
    auto message = plain_message();
    message.title = "😀 done";

    const auto body = nlohmann::json::parse(http(ChannelType::telegram, message).body);

    EXPECT_EQ(body["entities"][0]["length"], 7);
}

TEST(Webhook, IsSignedOverItsBody) {
    const auto request = http(ChannelType::webhook, plain_message());

    EXPECT_THAT(
        request.headers,
        Contains(Pair("X-Lab-Signature-256", "sha256=" + hmac_sha256("secretkey", request.body))));
    EXPECT_THAT(request.headers, Contains(Pair("X-Lab-Event-Id", plain_message().id)));
}

TEST(Mail, IsPlainAsciiWithHeadersThatNobodyCanAddTo) {
    auto message = hostile_message();
    message.title = "Grüße\r\nBcc: evil@example.org \xFF";

    const auto text = mail_text("lab@example.org", {"me@example.org", "you@example.org"}, message);

    const auto head = text.substr(0, text.find("\r\n\r\n"));
    EXPECT_THAT(head, HasSubstr("Date: Sat, 1 Mar 2025 10:00:00 +0000\r\n"));
    EXPECT_THAT(head, HasSubstr("To: me@example.org,\r\n you@example.org\r\n"));
    EXPECT_THAT(head, HasSubstr("Message-ID: <01ARZ3NDEKTSV4RRFFQ69G5FAV@example.org>\r\n"));
    EXPECT_THAT(head, HasSubstr("References: <job-1@example.org>\r\n"));
    EXPECT_THAT(head, HasSubstr("Subject: =?utf-8?B?"));
    EXPECT_THAT(head, Not(HasSubstr("\nBcc")));
    for (const auto& line : split(text, '\n')) {
        EXPECT_LE(line.size(), 79U);
        EXPECT_TRUE(line.empty() || line.ends_with('\r'));
    }
    EXPECT_EQ(text.find_first_not_of("\r\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUV"
                                     "WXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"),
              std::string::npos);
}

TEST(Programs, GetNoSecretAmongTheirWords) {
    for (const auto type :
         {ChannelType::sendmail, ChannelType::desktop, ChannelType::exec, ChannelType::apprise}) {
        const auto request =
            std::get<ProgramRequest>(make_delivery(channel_of(type), secrets, plain_message()));

        EXPECT_THAT(join(request.argv, " "), Not(HasSubstr("secret")));
    }
    const auto apprise = std::get<ProgramRequest>(
        make_delivery(channel_of(ChannelType::apprise), secrets, plain_message()));
    EXPECT_EQ(apprise.secret_file, secrets.at("url") + "\n");
    EXPECT_THAT(apprise.argv, ElementsAre("apprise", "--title=done: make", "--config"));
}

TEST(Exec, ReadsTheEventAsJson) {
    const auto request = std::get<ProgramRequest>(
        make_delivery(channel_of(ChannelType::exec), secrets, hostile_message()));

    EXPECT_THAT(test::violations(test::schema_of("webhook"), nlohmann::json::parse(request.input)),
                ElementsAre());
}

TEST(Masked, KeepsSchemeAndHostOfAUrl) {
    const auto of = [](const std::string& url) {
        return masked({{"url", url}}).at("url");
    };

    EXPECT_EQ(of("https://hooks.slack.com/services/T/B/x"), "https://hooks.slack.com/***");
    EXPECT_EQ(of("https://me:pw@host/x"), "https://***");
    EXPECT_EQ(of("tgram://token/chat"), "tgram://***");
    EXPECT_EQ(of("token"), "***");
    EXPECT_EQ(masked({{"token", "abc"}}).at("token"), "***");
}

TEST(WithoutSecrets, FindsThemAsTheyAreAndEncoded) {
    const Secrets some{{"token", "a b\"c"}, {"url", "https://host.example/hook/xyz"}};

    EXPECT_EQ(without_secrets("1 a b\"c 2 a%20b%22c 3 a b\\\"c 4 /hook/xyz 5", some),
              "1 *** 2 *** 3 *** 4 *** 5");
}

} // namespace
} // namespace lab::notify
