// SPDX-License-Identifier: Apache-2.0
#include "adapters/store/sqlite_outbox.h"

#include "base/error.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

namespace lab::adapters {
namespace {

using namespace std::chrono_literals;
using notify::LetterState;
using ports::ChannelAddress;
using ports::Letter;
using testing::ElementsAre;
using testing::IsEmpty;

const ChannelAddress chat{"/x/lab.yaml", "chat"};
const ChannelAddress phone{"/x/lab.yaml", "phone"};

Letter letter(const std::string& id, const ChannelAddress& to, const std::string& key = "job/end") {
    Letter letter;
    letter.id = id;
    letter.key = key;
    letter.to = to;
    letter.config_text = "notify: {}";
    letter.message = "{\"title\": \"'; drop table letter; --\"}";
    letter.created = std::chrono::system_clock::now();
    letter.due = letter.created;
    letter.expires = letter.created + 24h;
    return letter;
}

std::vector<std::string> ids_of(const std::vector<Letter>& letters) {
    std::vector<std::string> ids;
    for (const auto& each : letters) {
        ids.push_back(each.id);
    }
    return ids;
}

class OutboxTest : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path database() const { return directory_.path() / "o b.db"; }

    void run_sql(const char* statements) const {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(database().c_str(), &raw), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(raw, statements, nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(raw);
    }

    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "lab-outbox-"};
};

TEST_F(OutboxTest, KeepsLettersInOrderAcrossReopening) {
    {
        SqliteOutbox outbox(database());
        outbox.add("job/end", {letter("b", chat), letter("a", phone)});
        outbox.add("job2/end", {letter("c", chat, "job2/end")});
    }

    SqliteOutbox outbox(database());
    const auto all = outbox.letters({});

    ASSERT_THAT(ids_of(all), ElementsAre("b", "a", "c"));
    EXPECT_EQ(all[0].message, letter("b", chat).message);
    EXPECT_EQ(all[0].to, chat);
    EXPECT_LT(all[0].number, all[1].number);
    EXPECT_THAT(ids_of(outbox.letters({{}, chat})), ElementsAre("b", "c"));
    EXPECT_THAT(ids_of(outbox.letters({{}, chat, {}, 1})), ElementsAre("b"));
    EXPECT_THAT(ids_of(outbox.letters({"a"})), ElementsAre("a"));
    EXPECT_THAT(outbox.waiting(), ElementsAre(chat, phone));
}

TEST_F(OutboxTest, KeepsTheNewestLetterOfASeriesAndWhatIsShownOfIt) {
    SqliteOutbox outbox(database());
    const auto of_series = [](const std::string& id, const ChannelAddress& to) {
        auto one = letter(id, to, "job/" + id);
        one.series = "job-progress";
        return one;
    };
    outbox.add("job/a", {of_series("a", chat)});
    auto sent = outbox.letters({"a"}).front();
    sent.attempts = 1;
    sent.state = LetterState::delivered;
    sent.shown = "77";
    outbox.update({sent});
    outbox.add("job/b", {of_series("b", chat), letter("x", chat, "job/x")});
    outbox.add("job/c", {of_series("c", chat), of_series("d", phone)});

    const auto waiting = outbox.letters({{}, {}, {LetterState::waiting}});

    ASSERT_THAT(ids_of(waiting), ElementsAre("x", "c", "d"));
    EXPECT_EQ(waiting[0].shown, "");
    EXPECT_EQ(waiting[1].shown, "77");
    EXPECT_EQ(waiting[2].shown, "");
    EXPECT_EQ(outbox.letters({"b"}).front().message, "");
}

TEST_F(OutboxTest, TakesTheSameMomentOncePerChannel) {
    SqliteOutbox outbox(database());

    outbox.add("job/end", {letter("a", chat)});
    outbox.add("job/end", {letter("b", chat), letter("c", phone)});

    EXPECT_THAT(ids_of(outbox.letters({})), ElementsAre("a", "c"));
}

TEST_F(OutboxTest, RemembersMomentsThatNobodyIsToldOf) {
    SqliteOutbox outbox(database());
    const auto soon = std::chrono::system_clock::now() + 1s;
    EXPECT_FALSE(outbox.knows("job/end", soon));

    outbox.add("job/end", {});

    EXPECT_TRUE(outbox.knows("job/end", soon));
    EXPECT_FALSE(outbox.knows("job/start", soon));
}

TEST_F(OutboxTest, TellsNothingOfTheTimeBeforeItBegan) {
    SqliteOutbox outbox(database());

    EXPECT_TRUE(outbox.knows("old/end", std::chrono::system_clock::now() - 1min));
}

TEST_F(OutboxTest, ForgetsTheContentButNotTheKeyOfWhatArrived) {
    SqliteOutbox outbox(database());
    outbox.add("job/end", {letter("a", chat)});
    auto sent = outbox.letters({}).front();
    sent.state = LetterState::delivered;
    sent.attempts = 2;
    sent.parcel = "p";

    outbox.update({sent});
    outbox.add("job/end", {letter("b", chat)});

    const auto all = outbox.letters({});
    ASSERT_THAT(ids_of(all), ElementsAre("a"));
    EXPECT_EQ(all[0].message, "");
    EXPECT_EQ(all[0].config_text, "");
    EXPECT_EQ(all[0].parcel, "p");
    EXPECT_THAT(outbox.letters({{}, {}, {LetterState::waiting, LetterState::dead}}), IsEmpty());
    EXPECT_THAT(outbox.waiting(), IsEmpty());
}

TEST_F(OutboxTest, NeverChangesWhatWasDropped) {
    SqliteOutbox outbox(database());
    outbox.add("job/end", {letter("a", chat)});
    auto one = outbox.letters({}).front();
    one.state = LetterState::dropped;
    outbox.update({one});

    one.state = LetterState::waiting;
    outbox.update({one});

    EXPECT_EQ(outbox.letters({}).front().state, LetterState::dropped);
}

TEST_F(OutboxTest, KeepsDeadLettersForAMonth) {
    SqliteOutbox outbox(database());
    outbox.add("a/end", {letter("a", chat, "a/end"), letter("b", phone, "a/end")});
    auto letters = outbox.letters({});
    for (auto& each : letters) {
        each.state = LetterState::dead;
    }
    letters[0].expires -= 24h * 32;
    outbox.update(letters);

    outbox.add("c/end", {});

    EXPECT_THAT(ids_of(outbox.letters({})), ElementsAre("b"));
}

TEST_F(OutboxTest, KeepsWatchesOnce) {
    SqliteOutbox outbox(database());

    outbox.add_watch({"01A", chat, "one"});
    outbox.add_watch({"01A", chat, "two"});
    outbox.add_watch({"01B", chat, "one"});

    const auto watches = outbox.watches("01A");
    ASSERT_EQ(watches.size(), 1U);
    EXPECT_EQ(watches[0].to, chat);
    EXPECT_EQ(watches[0].config_text, "one");
}

TEST_F(OutboxTest, RefusesADatabaseOfANewerVersion) {
    { const SqliteOutbox outbox(database()); }
    run_sql("pragma user_version = 3");

    EXPECT_THROW(SqliteOutbox{database()}, Error);
}

TEST_F(OutboxTest, BringsAnOlderDatabaseToItsVersion) {
    {
        SqliteOutbox outbox(database());
        outbox.add("job/end", {letter("a", chat)});
    }
    run_sql("drop table shown; alter table letter drop column series; pragma user_version = 1");

    SqliteOutbox outbox(database());
    auto one = letter("b", chat, "job/start");
    one.series = "job-progress";
    outbox.add("job/start", {one});

    EXPECT_THAT(ids_of(outbox.letters({})), ElementsAre("a", "b"));
}

} // namespace
} // namespace lab::adapters
