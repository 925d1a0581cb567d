// SPDX-License-Identifier: Apache-2.0
#include "notify/job_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::notify {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using plan::NotifyEvent;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string commit = "0123456789abcdef0123456789abcdef01234567";

json row(const char* kind, const char* verdict, std::vector<double> values) {
    return {{"kind", kind},    {"verdict", verdict}, {"values", std::move(values)},
            {"unit", "ops/s"}, {"runs", 0},          {"failures", 0}};
}

JobNews bisection(json result) {
    JobNews news;
    news.job = "01JOB";
    news.kind = "bisect";
    news.title = "bisect v1..v2 -- make check";
    news.state = "done";
    news.exit_code = 0;
    news.result = std::move(result);
    news.duration = 185s;
    news.host = "box";
    return news;
}

json found() {
    return {
        {"conclusion", "found"},
        {"commit", commit},
        {"good", "g"},
        {"bad", "b"},
        {"probability", 0.99987},
        {"info", {{"author", "A Name <a@example.org>"}, {"subject", "mm: Do <b>less</b> @all"}}},
        {"rows", {row("end_good", "good", {100, 101, 99}), row("end_bad", "bad", {80, 81, 79})}}};
}

TEST(JobMessage, OfACulpritHasAllThatIsAsked) {
    const auto message = job_message(bisection(found()));

    EXPECT_EQ(message.title, "found: 0123456789ab mm: Do <b>less</b> @all");
    EXPECT_EQ(message.text, "bisect v1..v2 -- make check\n" + commit +
                                " is the first bad commit\n"
                                "Subject: mm: Do <b>less</b> @all\n"
                                "Author: A Name <a@example.org>\n"
                                "Probability: 99.9 %\n"
                                "Effect: 100 -> 80 ops/s (-20.0 %)\n"
                                "after 3 min 05 s on box\n"
                                "lab bisect report 01JOB");
    EXPECT_EQ(message.thread, "01JOB");
    EXPECT_EQ(message.urgency, Urgency::high);
    EXPECT_EQ(message.facts["event"], "found");
    EXPECT_EQ(message.facts["commit"], commit);
    EXPECT_EQ(message.facts["duration_ms"], 185000);
    EXPECT_THAT(events_of(bisection(found())),
                ElementsAre(NotifyEvent::found, NotifyEvent::finished));
}

TEST(JobMessage, SaysWhereTheReportLies) {
    auto news = bisection(found());
    news.report = "/var/lib/lab/reports/01JOB.html";

    const auto message = job_message(news);

    EXPECT_THAT(message.text, HasSubstr("\nreport: /var/lib/lab/reports/01JOB.html\n"));
    EXPECT_EQ(message.facts["report"], news.report);
}

TEST(JobMessage, NamesSuspectsWhenItIsNotSure) {
    const auto message = job_message(bisection(
        {{"conclusion", "found_with_skips"},
         {"text", "only skipped commits are left"},
         {"suspects", {{{"commit", commit}, {"subject", "one"}, {"probability", 0.5}}}}}));

    EXPECT_EQ(message.title, "found: bisect v1..v2 -- make check");
    EXPECT_THAT(message.text, HasSubstr("only skipped commits are left\n"
                                        "0123456789ab  50.0 %  one\n"));
}

TEST(JobMessage, TellsOtherEnds) {
    auto news = bisection({{"conclusion", "no_culprit"}, {"text", "both ends are good"}});
    EXPECT_THAT(events_of(news), ElementsAre(NotifyEvent::no_culprit, NotifyEvent::finished));
    EXPECT_EQ(job_message(news).title, "no culprit: bisect v1..v2 -- make check");
    news.result["conclusion"] = "inconclusive";
    EXPECT_THAT(events_of(news), ElementsAre(NotifyEvent::inconclusive, NotifyEvent::finished));

    news.kind = "build";
    news.title = "build a/b";
    EXPECT_THAT(events_of(news), ElementsAre(NotifyEvent::finished));
    news.state = "cancelled";
    EXPECT_THAT(events_of(news), ElementsAre(NotifyEvent::cancelled));
    news.state = "failed";
    news.error = "make: exit code 2";
    const auto failed = job_message(news);
    EXPECT_EQ(failed.title, "failed: build a/b");
    EXPECT_EQ(failed.text, "build a/b\nmake: exit code 2\nafter 3 min 05 s on box\n"
                           "lab job show 01JOB");
    news.moment = Moment::began;
    EXPECT_THAT(events_of(news), ElementsAre(NotifyEvent::started));
    EXPECT_EQ(job_message(news).text, "build a/b\non box");
    EXPECT_EQ(job_message(news).urgency, Urgency::low);
}

TEST(JobMessage, SaysAtTheStartHowMuchThereIsToDo) {
    auto news = bisection({{"range", 63}});
    news.moment = Moment::began;
    news.detail = "about 20 min, as the last such bisection";

    const auto message = job_message(news);

    EXPECT_EQ(message.title, "started: bisect v1..v2 -- make check");
    EXPECT_EQ(message.text, "bisect v1..v2 -- make check\n"
                            "63 commits: at least 6 to try besides the ends\n"
                            "about 20 min, as the last such bisection\non box");
    EXPECT_EQ(message.series, "01JOB-progress");
}

TEST(JobMessage, TellsAVerdictInTheSeriesOfTheStart) {
    auto news = bisection(
        {{"latest",
          {{"commit", commit}, {"verdict", "bad"}, {"kind", "probe"}, {"subject", "one"}}},
         {"progress", "Bisecting: about 5 commits left"},
         {"revisions_left", 5},
         {"seconds_left", 600.4}});
    news.moment = Moment::verdict;

    const auto message = job_message(news);

    EXPECT_THAT(events_of(news), ElementsAre(NotifyEvent::verdict));
    EXPECT_EQ(message.title, "0123456789ab is bad: bisect v1..v2 -- make check");
    EXPECT_EQ(message.text, "bisect v1..v2 -- make check\n0123456789ab is bad  one\n"
                            "Bisecting: about 5 commits left\nabout 10 min 00 s left\n"
                            "after 3 min 05 s on box\nlab job show 01JOB");
    EXPECT_EQ(message.series, "01JOB-progress");
    EXPECT_EQ(message.urgency, Urgency::low);
    EXPECT_EQ(message.facts["verdict"], "bad");
    EXPECT_EQ(message.facts["commits_left"], 5);
    news.moment = Moment::ended;
    EXPECT_EQ(job_message(news).series, "");
}

TEST(JobMessage, TellsTrouble) {
    auto news = bisection({});
    news.moment = Moment::disk_low;
    news.detail = "3 GiB free at /var/lib/lab";

    const auto message = job_message(news);

    EXPECT_THAT(events_of(news), ElementsAre(NotifyEvent::disk_low));
    EXPECT_EQ(message.title, "disk-low: bisect v1..v2 -- make check");
    EXPECT_EQ(message.text, "bisect v1..v2 -- make check\n3 GiB free at /var/lib/lab\non box\n"
                            "lab job show 01JOB");
    EXPECT_EQ(message.urgency, Urgency::high);
    EXPECT_EQ(message.series, "");
}

TEST(JobMessage, SurvivesAnyResult) {
    for (const auto* text : {"{}", R"({"conclusion": 3, "rows": "x", "info": {}})",
                             R"({"conclusion": "found", "rows": [1, {"values": ["a", null]}]})",
                             R"({"conclusion": "found", "commit": "zz", "info": []})"}) {
        EXPECT_THAT(job_message(bisection(json::parse(text))).text, HasSubstr("01JOB")) << text;
    }
}

TEST(Effect, PrefersTheConfirmedPair) {
    auto result = found();
    const auto few = effect_of(result);
    result["rows"].push_back(row("confirm_parent", "good", {200, 210, 205}));
    result["rows"].push_back(row("confirm_bad", "bad", {100, 90}));
    EXPECT_NE(effect_of(result), "205 -> 95 ops/s (-53.7 %)"); // few values
    result["rows"].back()["values"].push_back(99);

    EXPECT_EQ(effect_of(result), "205 -> 99 ops/s (-51.7 %)");
    EXPECT_NE(few, effect_of(result));
}

TEST(Effect, TakesAVerdictForARunWhereRunsAreNotCounted) {
    auto good = row("end_good", "good", {});
    good["test_seconds"] = 2;
    auto bad = row("end_bad", "bad", {});
    bad["test_seconds"] = 2;
    auto inferred = row("probe", "bad", {});

    EXPECT_EQ(effect_of({{"rows", {good, bad, inferred, good}}}),
              "fails 1 of 1 runs, 0 of 2 before");
}

TEST(Effect, CountsFailuresWhereNothingWasMeasured) {
    auto good = row("end_good", "good", {});
    good["runs"] = 12;
    auto bad = row("end_bad", "bad", {});
    bad["runs"] = 10;
    bad["failures"] = 9;

    EXPECT_EQ(effect_of({{"rows", {good, bad}}}), "fails 9 of 10 runs, 0 of 12 before");
    EXPECT_EQ(effect_of({{"rows", {good}}}), "");
}

} // namespace
} // namespace lab::notify
