// SPDX-License-Identifier: Apache-2.0
#include "notify/outbox.h"

#include "notify/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::notify {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const WallTime now(1740823200s);

Attempt attempt(unsigned number) {
    return {number, now, now + 24h, 0.5};
}

TEST(AfterAttempt, DeliveredAndRefusedAreTheEnd) {
    EXPECT_EQ(after_attempt({}, attempt(1)).state, LetterState::delivered);
    const auto refused = after_attempt({Fate::refused, {}, "HTTP 404"}, attempt(1));
    EXPECT_EQ(refused.state, LetterState::dead);
    EXPECT_EQ(refused.reason, "HTTP 404");
}

TEST(AfterAttempt, WaitsAsTheServiceAsksOrLongerEachTime) {
    const auto asked = after_attempt({Fate::retry, 90s, "HTTP 429"}, attempt(1));
    EXPECT_EQ(asked.state, LetterState::waiting);
    EXPECT_EQ(asked.due, now + 90s);

    EXPECT_EQ(after_attempt({Fate::retry, {}, "x"}, attempt(1)).due, now + 750ms);
    EXPECT_EQ(after_attempt({Fate::retry, {}, "x"}, attempt(4)).due, now + 6s);
}

TEST(AfterAttempt, GivesUpWhatWouldExpire) {
    auto last = attempt(80);
    last.expires = now + 10s;

    const auto disposal = after_attempt({Fate::retry, 11s, "HTTP 503"}, last);

    EXPECT_EQ(disposal.state, LetterState::dead);
    EXPECT_EQ(disposal.reason, "given up after 24 h: HTTP 503");
}

TEST(Parcel, IsOneLetterUnlessManyWait) {
    EXPECT_EQ(parcel_size({""}), 1U);
    EXPECT_EQ(parcel_size({"", "", ""}), 1U);
    EXPECT_EQ(parcel_size({"", "", "", ""}), 4U);
    EXPECT_EQ(parcel_size(std::vector<std::string>(200)), largest_parcel);
}

TEST(Parcel, StaysAsItWasTried) {
    EXPECT_EQ(parcel_size({"a", "", "", "", "", ""}), 1U);
    EXPECT_EQ(parcel_size({"a", "a", "b"}), 2U);
    EXPECT_EQ(parcel_size({"", "", "", "", "a"}), 4U);
}

TEST(Digest, NamesEachMessageAndIsAsUrgentAsAny) {
    Message one;
    one.id = "one";
    one.title = "done: a";
    one.host = "box";
    one.facts = {{"job", "01A"}};
    auto two = one;
    two.id = "two";
    two.title = "failed: b";
    two.urgency = Urgency::high;

    const auto digest = digest_of({one, two}, "both");

    EXPECT_EQ(digest.id, "both");
    EXPECT_EQ(digest.title, "2 messages from box");
    EXPECT_EQ(digest.text, "- done: a\n- failed: b");
    EXPECT_EQ(digest.urgency, Urgency::high);
    EXPECT_EQ(digest.facts["messages"][1]["id"], "two");
    EXPECT_EQ(digest.facts["messages"][0]["facts"]["job"], "01A");
}

TEST(TimeUntil, IsNeverNegativeAndMistrustsADistantTime) {
    EXPECT_EQ(time_until(now + 5s, now), Duration(5s));
    EXPECT_EQ(time_until(now - 5s, now), Duration(0));
    EXPECT_EQ(time_until(now + 25h, now), Duration(0));
}

TEST(LetterStates, AreNamedAsTheyAreStored) {
    for (const auto state :
         {LetterState::waiting, LetterState::delivered, LetterState::dead, LetterState::dropped}) {
        EXPECT_EQ(letter_state_from(to_string(state)), state);
    }
    EXPECT_EQ(letter_state_from("unheard of"), LetterState::dead);
}

TEST(StoredMessage, ComesBackAsItWas) {
    Message message;
    message.id = "01A";
    message.thread = "01B";
    message.title = "t \xFF";
    message.text = "a\nb";
    message.link = "https://example.org/";
    message.urgency = Urgency::low;
    message.host = "box";
    message.facts = {{"exit_code", 3}};

    const auto back = message_from_event(nlohmann::json::parse(event_json(message)));

    EXPECT_EQ(back.id, "01A");
    EXPECT_EQ(back.thread, "01B");
    EXPECT_EQ(back.title, "t \xEF\xBF\xBD");
    EXPECT_EQ(back.text, "a\nb");
    EXPECT_EQ(back.link, message.link);
    EXPECT_EQ(back.urgency, Urgency::low);
    EXPECT_EQ(back.host, "box");
    EXPECT_EQ(back.facts["exit_code"], 3);
}

TEST(StoredMessage, IsEmptyWhereItIsDamaged) {
    EXPECT_EQ(message_from_event(nlohmann::json::parse("[1]")).title, "");
    const auto damaged = message_from_event({{"title", 3}, {"facts", "x"}});
    EXPECT_EQ(damaged.title, "");
    EXPECT_EQ(damaged.facts, nlohmann::json::object());
}

} // namespace
} // namespace lab::notify
