// SPDX-License-Identifier: Apache-2.0
// The notifier against real servers on loopback and real programs.
#include "adapters/notify/notifier.h"
#include "base/error.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/sha256.h"
#include "notify/delivery.h"
#include "tests/contract/notify/receiver.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::test {
namespace {

using namespace std::chrono_literals;
using notify::Fate;
using plan::ChannelType;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

notify::Message message() {
    notify::Message message;
    message.id = new_ulid();
    message.title = "done: make";
    message.text = "make\nexit code 0 after 12 s";
    message.host = "box";
    message.time = std::chrono::system_clock::now();
    return message;
}

class NotifierTest : public testing::Test {
protected:
    /// A secret in a file of mode 0600.
    plan::SecretRef secret(const std::string& value) {
        const auto file = directory_.path() / ("secret-" + random_hex(8));
        write_file(file, value + "\n", FileAccess::owner_only);
        return {plan::SecretPlace::file, file.string()};
    }

    /// A channel to a server on loopback, with every secret its type wants.
    plan::Channel channel(ChannelType type, const std::string& url) {
        plan::Channel channel;
        channel.name = "chat";
        channel.type = type;
        channel.reach = plan::Reach::any_host;
        for (const auto* key : {"token", "topic", "user"}) {
            channel.secrets[key] = secret(std::string("very-secret-") + key);
        }
        channel.secrets["url"] = secret(url);
        channel.settings = {{"chat", "-100"}, {"channel", "C1"}, {"room", "!r:example.org"}};
        channel.settings["server"] = url;
        return channel;
    }

    notify::Judgement send(const plan::Channel& channel, Duration timeout = 20s) {
        return notifier_->send(channel, message(), {timeout, {}});
    }

    TemporaryDirectory directory_{"/tmp", "lab-notifier"};
    std::unique_ptr<ports::Notifier> notifier_ = adapters::make_notifier();
};

class HttpChannel : public NotifierTest, public testing::WithParamInterface<ChannelType> {};

TEST_P(HttpChannel, Arrives) {
    const Receiver receiver;
    const auto chat = channel(GetParam(), receiver.url("/hook"));

    const auto judgement = send(chat);

    EXPECT_EQ(judgement.fate, Fate::delivered) << judgement.reason;
    ASSERT_THAT(receiver.requests(), SizeIs(1));
    const auto request = receiver.requests()[0];
    EXPECT_EQ(request.method, GetParam() == ChannelType::matrix ? "PUT" : "POST");
    EXPECT_TRUE(request.path.starts_with("/hook")) << request.path;
    EXPECT_EQ(request.headers.find("Content-Type")->second, "application/json");
    EXPECT_THAT(request.body, HasSubstr("done"));
}

INSTANTIATE_TEST_SUITE_P(Services, HttpChannel,
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

TEST_F(NotifierTest, SignsAWebhook) {
    const Receiver receiver;
    auto hook = channel(ChannelType::webhook, receiver.url("/hook"));
    hook.secrets["secret"] = secret("key");

    ASSERT_EQ(send(hook).fate, Fate::delivered);

    const auto request = receiver.requests().at(0);
    EXPECT_EQ(request.headers.find("X-Lab-Signature-256")->second,
              "sha256=" + hmac_sha256("key", request.body));
}

TEST_F(NotifierTest, ReachesNothingPrivateWithoutLeave) {
    const Receiver receiver;
    const auto port = receiver.authority().substr(receiver.authority().find(':'));
    for (const auto& host :
         {"127.0.0.1" + port, "localhost" + port, "[::ffff:127.0.0.1]" + port, "[::1]" + port,
          "127.1" + port, "0x7f000001" + port, "2130706433" + port, std::string("10.0.0.1"),
          std::string("169.254.169.254"), std::string("[fe80::1]"),
          std::string("0.0.0.0") + port}) {
        auto hook = channel(ChannelType::webhook, "https://" + host + "/hook");
        hook.reach = plan::Reach::public_hosts;

        const auto judgement = send(hook, 5s);

        EXPECT_EQ(judgement.fate, Fate::refused) << host;
        EXPECT_THAT(judgement.reason, HasSubstr("is not public")) << host;
    }
    EXPECT_THAT(receiver.requests(), IsEmpty());
}

TEST_F(NotifierTest, SaysNothingUnencryptedToTheInternet) {
    auto hook = channel(ChannelType::webhook, "http://1.1.1.1/");
    EXPECT_THAT(send(hook, 5s).reason, HasSubstr("not encrypted"));
    hook.reach = plan::Reach::public_hosts;
    EXPECT_THAT(send(hook, 5s).reason, HasSubstr("not encrypted"));
}

TEST_F(NotifierTest, TellsWhenToTryAgain) {
    const Receiver receiver;

    const auto busy = send(channel(ChannelType::webhook, receiver.url("/busy")));
    const auto error = send(channel(ChannelType::webhook, receiver.url("/error")));

    EXPECT_EQ(busy.fate, Fate::retry);
    EXPECT_EQ(busy.after, Duration(2s));
    EXPECT_EQ(error.fate, Fate::retry);
    EXPECT_EQ(error.reason, "HTTP 500: on fire");
}

TEST_F(NotifierTest, TriesAgainWhenNobodyAnswers) {
    std::string url;
    {
        const Receiver gone;
        url = gone.url();
    }

    EXPECT_EQ(send(channel(ChannelType::webhook, url)).fate, Fate::retry);
}

TEST_F(NotifierTest, FollowsNoRedirect) {
    const Receiver receiver;

    const auto judgement = send(channel(ChannelType::webhook, receiver.url("/redirect")));

    EXPECT_EQ(judgement.fate, Fate::refused);
    EXPECT_EQ(judgement.reason, "HTTP 302: redirects are not followed");
    EXPECT_THAT(receiver.requests(), SizeIs(1));
}

TEST_F(NotifierTest, EndsWithItsTimeout) {
    const Receiver receiver;
    const auto start = std::chrono::steady_clock::now();

    const auto judgement = send(channel(ChannelType::webhook, receiver.url("/hang")), 300ms);

    EXPECT_EQ(judgement.fate, Fate::retry);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(NotifierTest, ReadsOnlyTheBeginningOfAnAnswer) {
    const Receiver receiver;

    const auto judgement = send(channel(ChannelType::webhook, receiver.url("/huge")));

    EXPECT_EQ(judgement.fate, Fate::delivered) << judgement.reason;
    EXPECT_LT(receiver.huge_bytes(), std::uint64_t{64} << 20U);
}

TEST_F(NotifierTest, VerifiesWhoItTalksTo) {
    const auto here = make_identity(directory_.path(), "IP:127.0.0.1");
    const auto elsewhere = make_identity(directory_.path(), "DNS:elsewhere.example");
    const Receiver receiver(here);
    const Receiver wrong_name(elsewhere);
    auto hook = channel(ChannelType::webhook, receiver.url("/hook"));
    auto other = channel(ChannelType::webhook, wrong_name.url("/hook"));
    other.settings["ca_file"] = elsewhere.certificate.string();

    EXPECT_EQ(send(hook).fate, Fate::refused);
    EXPECT_EQ(send(other).fate, Fate::refused);
    EXPECT_THAT(receiver.requests(), IsEmpty());
    EXPECT_THAT(wrong_name.requests(), IsEmpty());
    hook.settings["ca_file"] = here.certificate.string();
    EXPECT_EQ(send(hook).fate, Fate::delivered);
}

TEST_F(NotifierTest, NeverRepeatsASecretThatAServerSendsBack) {
    const Receiver receiver;
    const auto hook = channel(ChannelType::slack, receiver.url("/echo/very-secret-path"));
    const auto long_one =
        channel(ChannelType::slack, receiver.url("/echo/very-secret" + std::string(400, 's')));
    const auto bot = channel(ChannelType::slack_bot, receiver.url("/echo"));

    for (const auto& each : {hook, long_one, bot}) {
        const auto judgement = send(each);

        EXPECT_EQ(judgement.fate, Fate::refused);
        EXPECT_THAT(judgement.reason, Not(HasSubstr("very-secret"))) << judgement.reason;
    }
}

TEST_F(NotifierTest, ShowsARequestWithoutSendingIt) {
    const Receiver receiver;
    const auto hook = channel(ChannelType::slack, receiver.url("/very-secret-path"));

    const auto text = notifier_->preview(hook, message());

    EXPECT_THAT(text, HasSubstr("POST " + receiver.url("/***")));
    EXPECT_THAT(text, Not(HasSubstr("secret")));
    EXPECT_THAT(receiver.requests(), IsEmpty());
}

std::string error_of(ports::Notifier& notifier, const plan::Channel& channel) {
    try {
        static_cast<void>(notifier.send(channel, message(), {1s, {}}));
    } catch (const Error& error) {
        return std::string(to_string(error.code())) + ": " + error.what();
    }
    return {};
}

TEST_F(NotifierTest, RefusesSecretsThatAreNotKept) {
    auto hook = channel(ChannelType::webhook, "https://192.0.2.1/");
    const auto file = hook.secrets["url"].name;
    std::filesystem::permissions(file, std::filesystem::perms(0640));
    EXPECT_EQ(error_of(*notifier_, hook),
              "bad_input: " + file + ": holds a secret that others may read (allowed: mode 0600)");

    hook.secrets["url"] = {plan::SecretPlace::environment, "LAB_TEST_UNSET"};
    EXPECT_THAT(error_of(*notifier_, hook), HasSubstr("'LAB_TEST_UNSET': is not set"));

    hook.secrets["url"] = {plan::SecretPlace::file, "/nonexistent/secret"};
    EXPECT_THAT(error_of(*notifier_, hook), HasSubstr("not_found"));

    hook.secrets["url"] = secret("hunter2 is not a URL");
    EXPECT_THAT(error_of(*notifier_, hook), HasSubstr("is not a URL"));
    EXPECT_THAT(error_of(*notifier_, hook), Not(HasSubstr("hunter2")));

    hook.secrets["token"] = secret("two\rlines");
    EXPECT_THAT(error_of(*notifier_, hook), HasSubstr("is not one line"));
}

TEST_F(NotifierTest, TakesSecretsFromTheEnvironmentAndFromSystemd) {
    const Receiver receiver;
    write_file(directory_.path() / "hook-url", receiver.url("/by-credential"));
    ::setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1);
    ::setenv("LAB_TEST_URL", receiver.url("/by-variable").c_str(), 1);
    auto hook = channel(ChannelType::webhook, "https://192.0.2.1/");

    hook.secrets["url"] = {plan::SecretPlace::credential, "hook-url"};
    ASSERT_EQ(send(hook).fate, Fate::delivered);
    hook.secrets["url"] = {plan::SecretPlace::environment, "LAB_TEST_URL"};
    ASSERT_EQ(send(hook).fate, Fate::delivered);

    EXPECT_EQ(receiver.requests().at(0).path, "/by-credential");
    EXPECT_EQ(receiver.requests().at(1).path, "/by-variable");
}

TEST_F(NotifierTest, SendsByApprise) {
    const Receiver receiver;
    auto apprise = channel(ChannelType::apprise, "json://" + receiver.authority() + "/hook");

    const auto judgement = send(apprise, 60s);

    EXPECT_EQ(judgement.fate, Fate::delivered) << judgement.reason;
    ASSERT_THAT(receiver.requests(), SizeIs(1));
    const auto body = nlohmann::json::parse(receiver.requests()[0].body);
    EXPECT_EQ(body["title"], "done: make");
    EXPECT_THAT(body["message"].get<std::string>(), HasSubstr("exit code 0"));
}

TEST_F(NotifierTest, HandsAProgramTheEvent) {
    const auto file = directory_.path() / "event";
    plan::Channel program;
    program.name = "run";
    program.type = ChannelType::exec;
    program.words = {"tee", file.string()};
    ASSERT_EQ(send(program).fate, Fate::delivered);
    EXPECT_EQ(nlohmann::json::parse(read_file(file))["title"], "done: make");

    program.words = {"sh", "-c", "exit 75"};
    EXPECT_EQ(send(program).fate, Fate::retry);
    program.words = {"sh", "-c", "echo broken >&2; exit 64"};
    const auto judgement = send(program);
    EXPECT_EQ(judgement.fate, Fate::refused);
    EXPECT_EQ(judgement.reason, "sh: exit code 64: broken");
    program.words = {"sleep", "60"};
    EXPECT_EQ(send(program, 200ms).fate, Fate::retry);
    program.words = {"no-such-program"};
    EXPECT_THAT(error_of(*notifier_, program), HasSubstr("not_found"));
}

} // namespace
} // namespace lab::test
