// SPDX-License-Identifier: Apache-2.0
// Letters of a real outbox, sent by the real notifier to a real server on loopback.
#include "engine/messenger.h"

#include "base/error.h"
#include "tests/contract/engine/mail_room.h"

#include <gmock/gmock.h>

namespace lab::engine {
namespace {

using namespace std::chrono_literals;
using notify::LetterState;
using testing::ElementsAre;
using testing::HasSubstr;

class MessengerTest : public test::MailRoom {
protected:
    static std::vector<std::string> titles_of(const std::vector<test::Received>& requests) {
        std::vector<std::string> titles;
        for (const auto& request : requests) {
            titles.push_back(title_of(request));
        }
        return titles;
    }
};

TEST_F(MessengerTest, SendsInOrder) {
    put("ok", "one");
    put("ok", "two");
    put("ok", "three");
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);

    messenger.wake_all();

    EXPECT_THAT(titles_of(receiver_.await(3)), ElementsAre("one", "two", "three"));
    EXPECT_TRUE(eventually([&] { return outbox_.waiting().empty(); }));
    put("ok", "four");
    messenger.wake(to("ok"));
    EXPECT_THAT(titles_of(receiver_.await(4)), ElementsAre("one", "two", "three", "four"));
}

TEST_F(MessengerTest, LetsAHangingChannelDelayNoOther) {
    put("hang", "never");
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);
    messenger.wake_all();
    ASSERT_EQ(receiver_.await(1).size(), 1U);

    put("ok", "at once");
    messenger.wake(to("ok"));

    EXPECT_THAT(titles_of(receiver_.await(2)), ElementsAre("never", "at once"));
    EXPECT_TRUE(becomes("ok", LetterState::delivered));
    EXPECT_EQ(letter_to("hang").state, LetterState::waiting);
}

TEST_F(MessengerTest, EndsAtOnceWhileAChannelHangs) {
    put("hang", "never");
    const auto start = std::chrono::steady_clock::now();
    {
        Messenger messenger(outbox_, *notifier_, test::config_as_it_is);
        messenger.wake_all();
        ASSERT_EQ(receiver_.await(1).size(), 1U);
    }

    EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
    EXPECT_EQ(letter_to("hang").state, LetterState::waiting);
}

TEST_F(MessengerTest, GivesUpWhatIsRefusedAndGoesOn) {
    put("echo", "one");
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);

    messenger.wake_all();

    ASSERT_TRUE(becomes("echo", LetterState::dead));
    EXPECT_THAT(letter_to("echo").reason, HasSubstr("HTTP 400"));
    put("echo", "two");
    messenger.wake(to("echo"));
    EXPECT_EQ(receiver_.await(2).size(), 2U);
}

TEST_F(MessengerTest, TriesAgainAsTheServiceAsks) {
    put("busy", "one");
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);
    const auto start = std::chrono::steady_clock::now();

    messenger.wake_all();

    ASSERT_EQ(receiver_.await(2).size(), 2U);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 2s);
    EXPECT_EQ(receiver_.requests()[0].body, receiver_.requests()[1].body);
    EXPECT_EQ(letter_to("busy").state, LetterState::waiting);
}

TEST_F(MessengerTest, GivesUpAfterADay) {
    auto old = letter("error", "old");
    old.expires = std::chrono::system_clock::now();
    outbox_.add(old.key, {old});
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);

    messenger.wake_all();

    ASSERT_TRUE(becomes("error", LetterState::dead));
    EXPECT_THAT(letter_to("error").reason, HasSubstr("given up after 24 h: HTTP 500"));
}

TEST_F(MessengerTest, MergesABurst) {
    for (const auto* title : {"one", "two", "three", "four"}) {
        put("ok", title);
    }
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);

    messenger.wake_all();

    const auto requests = receiver_.await(1);
    ASSERT_EQ(requests.size(), 1U);
    const auto event = nlohmann::json::parse(requests[0].body);
    EXPECT_EQ(event["title"], "4 messages from box");
    EXPECT_EQ(event["text"], "- one\n- two\n- three\n- four");
    EXPECT_EQ(event["facts"]["messages"].size(), 4U);
    EXPECT_TRUE(eventually([&] { return outbox_.waiting().empty(); }));
    EXPECT_EQ(receiver_.requests().size(), 1U);
}

TEST_F(MessengerTest, RepeatsAfterACrashWhatItWasSending) {
    for (const auto* title : {"one", "two", "three", "four"}) {
        put("ok", title);
    }
    auto tried = outbox_.letters({});
    tried.pop_back(); // came after the crash
    for (auto& each : tried) {
        each.parcel = "01PARCEL";
        each.attempts = 1;
    }
    outbox_.update(tried);
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);

    messenger.wake_all();

    const auto requests = receiver_.await(2);
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(nlohmann::json::parse(requests[0].body)["id"], "01PARCEL");
    EXPECT_EQ(title_of(requests[0]), "3 messages from box");
    EXPECT_EQ(title_of(requests[1]), "four");
}

TEST_F(MessengerTest, TakesTheChannelAsItIsMended) {
    write_config("notify: {channels: {ok: {type: webhook, url: \"${file:token}\","
                 " allow_private: true}}}\n");
    put("ok", "one");
    {
        Messenger messenger(outbox_, *notifier_, test::config_as_it_is);
        messenger.wake_all();
        ASSERT_TRUE(eventually([&] { return !letter_to("ok").reason.empty(); }));
    }
    EXPECT_EQ(letter_to("ok").state, LetterState::waiting);
    EXPECT_THAT(letter_to("ok").reason, HasSubstr("token"));

    write_config("notify: {channels: {ok: {type: webhook, url: \"" + receiver_.url("/mended") +
                 "\", allow_private: true}}}\n");
    Messenger messenger(outbox_, *notifier_, test::config_as_it_is);
    messenger.wake_all();

    ASSERT_EQ(receiver_.await(1).size(), 1U);
    EXPECT_EQ(receiver_.requests()[0].path, "/mended");
}

TEST_F(MessengerTest, KnowsTheChannelThoughItsFileIsGone) {
    const auto one = letter("ok", "one");
    std::filesystem::remove(config_file());

    EXPECT_EQ(channel_of(one, test::config_as_it_is).settings.at("url"), receiver_.url("/ok"));
    EXPECT_THROW(static_cast<void>(channel_of(letter("nosuch", "one"), test::config_as_it_is)),
                 Error);
    const auto not_to_be_used = [](const auto&) {
        return std::optional<std::string>();
    };
    write_config("notify: {channels: {ok: {type: exec, argv: [evil]}}}\n");
    EXPECT_EQ(channel_of(one, not_to_be_used).settings.at("url"), receiver_.url("/ok"));
}

} // namespace
} // namespace lab::engine
