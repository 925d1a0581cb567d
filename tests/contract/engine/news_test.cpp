// SPDX-License-Identifier: Apache-2.0
// What is told of jobs, from the stored job to the server that receives it.
#include "engine/news.h"

#include "adapters/store/sqlite_store.h"
#include "tests/contract/engine/mail_room.h"

#include <gmock/gmock.h>

namespace lab::engine {
namespace {

using namespace std::chrono_literals;
using notify::LetterState;
using notify::Moment;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class NewsTest : public test::MailRoom {
protected:
    NewsTest() {
        write_config(config_ + "  rules:\n    - {when: [started, finished, failed], to: [ok]}\n");
    }

    ports::JobRow job(const std::string& id, const std::string& state,
                      const std::string& kind = "build") {
        ports::JobRow row;
        row.id = id;
        row.kind = kind;
        row.title = "build " + id;
        row.spec_json = "{}";
        row.config_path = config_file().string();
        row.config_text = config_;
        row.state = state;
        row.created = std::chrono::system_clock::now() + 1s; // after the outbox began
        row.started = row.created;
        if (state != "running") {
            row.ended = row.created + 1s;
        }
        store_.put_job(row);
        return row;
    }

    [[nodiscard]] bool all_sent() {
        return eventually([&] { return outbox_.waiting().empty(); });
    }

    adapters::SqliteStore store_{directory_.path() / "lab.db"};
};

TEST_F(NewsTest, TellsOfEachMomentOnce) {
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    job("01A", "running");
    news.tell({"01A", Moment::began});
    news.tell({"01A", Moment::began});
    ASSERT_TRUE(all_sent());
    job("01A", "done");

    news.tell({"01A", Moment::ended});
    news.tell({"01A", Moment::ended});

    ASSERT_TRUE(all_sent());
    const auto requests = receiver_.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(title_of(requests[0]), "started: build 01A");
    EXPECT_EQ(title_of(requests[1]), "done: build 01A");
}

TEST_F(NewsTest, ChangesOneMessageAsABisectionGoesOn) {
    for (const auto* name : {"/hook", "/forgetful"}) {
        const auto url = directory_.path() / "url";
        write_file(url, receiver_.url(name), FileAccess::owner_only);
        write_config(
            "notify:\n  channels:\n    chat: {type: discord, allow_private: true, url: \"${file:" +
            url.string() + "}\"}\n  rules:\n" +
            "    - {when: [started, verdict, found], to: [chat]}\n");
        News news(store_, outbox_, *notifier_, test::config_as_it_is);
        const auto id = std::string("01") + (name[1] == 'h' ? "H" : "F");
        const auto at = [&](const char* state, const std::string& result) {
            auto row = job(id, state, "bisect");
            row.result_json = result;
            store_.put_job(row);
        };
        const auto before = receiver_.requests().size();
        at("running", R"({"range": 7})");
        news.tell({id, Moment::began});
        ASSERT_TRUE(all_sent());
        at("running", R"({"latest": {"commit": "aaaa", "kind": "probe", "verdict": "bad"}})");
        news.tell({id, Moment::verdict});
        news.tell({id, Moment::verdict});
        ASSERT_TRUE(all_sent());
        at("done", R"({"conclusion": "found"})");
        news.tell({id, Moment::ended});
        ASSERT_TRUE(all_sent());

        std::vector<std::string> sent;
        const auto requests = receiver_.requests();
        for (auto i = before; i < requests.size(); ++i) {
            sent.push_back(requests[i].method + " " + requests[i].path);
        }
        if (id == "01H") {
            EXPECT_THAT(sent, ElementsAre("POST /hook", "PATCH /hook/messages/77", "POST /hook"));
        } else { // the message is not there any more
            EXPECT_THAT(sent, ElementsAre("POST /forgetful", "PATCH /forgetful/messages/77",
                                          "POST /forgetful", "POST /forgetful"));
        }
    }
}

TEST_F(NewsTest, TellsOfTroubleOnceAJob) {
    write_config(config_ + "    - {when: [disk-low], to: [ok]}\n");
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    job("01A", "running");

    news.tell({"01A", Moment::disk_low, "3 GiB free at /x"});
    news.tell({"01A", Moment::disk_low, "2 GiB free at /x"});

    ASSERT_TRUE(all_sent());
    ASSERT_EQ(receiver_.requests().size(), 1U);
    EXPECT_THAT(receiver_.requests()[0].body, HasSubstr("3 GiB free at /x"));
}

TEST_F(NewsTest, SaysHowLongSuchBisectionsTook) {
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    for (const auto* id : {"01A", "01B"}) {
        const bool is_past = id[2] == 'A';
        auto row = job(id, is_past ? "done" : "running", "bisect");
        row.ended = is_past ? std::optional(*row.started + 60s) : std::nullopt;
        row.result_json = R"({"range": 63})";
        store_.put_job(row);
    }

    news.tell({"01B", Moment::began});

    const auto requests = receiver_.await(1);
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_THAT(requests[0].body, HasSubstr("about 1 min 00 s, as the last such bisection"));
}

TEST_F(NewsTest, TellsAtTheStartWhatAKilledProcessDidNot) {
    const auto ended = job("01A", "failed");
    {
        News news(store_, outbox_, *notifier_, test::config_as_it_is);
        news.start(store_.jobs({}));
        ASSERT_TRUE(all_sent());
    }
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    news.start(store_.jobs({}));

    ASSERT_TRUE(all_sent());
    ASSERT_EQ(receiver_.requests().size(), 1U);
    EXPECT_EQ(title_of(receiver_.requests()[0]), "failed: build 01A");
}

TEST_F(NewsTest, TellsOfTheSecondEndOfAJobThatWasResumed) {
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    auto row = job("01A", "failed");
    news.tell({"01A", Moment::ended});
    row.ended = *row.ended + 5s;
    row.state = "done";
    store_.put_job(row);

    news.tell({"01A", Moment::ended});

    EXPECT_EQ(receiver_.await(2).size(), 2U);
}

TEST_F(NewsTest, SaysNothingOfJobsFromBeforeTheOutbox) {
    auto row = job("01A", "done");
    row.ended = std::chrono::system_clock::now() - 1h;
    store_.put_job(row);
    News news(store_, outbox_, *notifier_, test::config_as_it_is);

    news.start(store_.jobs({}));

    EXPECT_THAT(outbox_.letters({}), IsEmpty());
}

TEST_F(NewsTest, TellsWhoAskedForItWhateverTheRulesSay) {
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    job("01A", "running");
    const ConfigText config{config_file().string(), config_};
    news.watch("01A", "echo", config);
    news.watch("01A", "ok", config);
    news.watch("01A", "ok", config);
    EXPECT_THAT(receiver_.requests(), IsEmpty());
    job("01A", "done");

    news.tell({"01A", Moment::ended});
    news.watch("01A", "ok", config); // it has been told by the rules

    ASSERT_TRUE(all_sent());
    EXPECT_EQ(receiver_.requests().size(), 2U);
}

TEST_F(NewsTest, TellsAtOnceOfAJobThatIsOver) {
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    job("01A", "cancelled");
    news.tell({"01A", Moment::ended});
    EXPECT_THAT(outbox_.letters({}), IsEmpty()) << "no rule chooses it";

    news.watch("01A", "ok", {config_file().string(), config_});

    ASSERT_EQ(receiver_.await(1).size(), 1U);
    EXPECT_EQ(title_of(receiver_.requests()[0]), "cancelled: build 01A");
}

TEST_F(NewsTest, RefusesToWatchWhatIsNotThere) {
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    job("01A", "running");
    const ConfigText config{config_file().string(), config_};

    EXPECT_THROW(news.watch("01B", "ok", config), Error);
    EXPECT_THROW(news.watch("01A", "nosuch", config), Error);
    EXPECT_THROW(news.watch("01A", "ok", {"/x/lab.yaml", "notify: 3"}), Error);
}

TEST_F(NewsTest, RetriesAndDropsWhatIsNamed) {
    News news(store_, outbox_, *notifier_, test::config_as_it_is);
    put("echo", "one");
    put("error", "two");
    news.start({});
    ASSERT_TRUE(becomes("echo", LetterState::dead));
    ASSERT_TRUE(eventually([&] { return !letter_to("error").reason.empty(); }));
    EXPECT_THROW(static_cast<void>(news.drop({letter_to("error").id, "nosuch"})), Error);
    ASSERT_EQ(news.letters().size(), 2U);
    EXPECT_EQ(news.letters()[0].title, "one");
    EXPECT_EQ(news.letters()[0].state, "dead");
    EXPECT_THAT(news.letters()[1].reason, HasSubstr("HTTP 500"));

    EXPECT_EQ(news.drop({letter_to("error").id}), 1U);
    EXPECT_EQ(news.retry({letter_to("echo").id}), 1U);

    EXPECT_EQ(letter_to("error").state, LetterState::dropped);
    ASSERT_TRUE(becomes("echo", LetterState::dead));
    EXPECT_EQ(letter_to("echo").attempts, 1U);
}

} // namespace
} // namespace lab::engine
