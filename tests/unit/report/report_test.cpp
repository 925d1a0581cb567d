// SPDX-License-Identifier: Apache-2.0

#include "report/describe.h"
#include "report/make_report.h"
#include "report/plots.h"

#include <gtest/gtest.h>

namespace lab::report {
namespace {

using nlohmann::json;

const std::string good(40, 'a');
const std::string bad(40, 'b');
const std::string parent(40, 'c');
const std::string culprit(40, 'd');

constexpr const char* hostile = "<script>alert(1)</script> \xE2\x80\xAE | `x` **y** \033[2J";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

json row(const std::string& commit, const char* kind, const char* verdict,
         const std::vector<double>& values) {
    return {
        {"commit", commit},   {"subject", "s"},       {"kind", kind},        {"verdict", verdict},
        {"values", values},   {"unit", "ops/s"},      {"runs", 0},           {"failures", 0},
        {"note", "the note"}, {"build_seconds", 8.0}, {"test_seconds", 20.0}};
}

api::JobDetail found_job() {
    api::JobDetail detail;
    detail.job.id = "01JOB";
    detail.job.kind = "bisect";
    detail.job.state = "done";
    detail.job.started = "2025-03-01T10:00:00.000Z";
    detail.job.ended = "2025-03-01T10:10:00.500Z";
    detail.job.seconds = 600.5;
    detail.spec = {{"good", good},
                   {"bad", bad},
                   {"vm", "v"},
                   {"on", "t"},
                   {"check", {{"benchmark", "a/b"}, {"metric", "m"}, {"command", ""}}}};
    detail.result = {
        {"conclusion", "found"},
        {"commit", culprit},
        {"probability", 0.99999},
        {"term_bad", "bad"},
        {"info",
         {{"author", "A <a@b>"}, {"date", "d"}, {"subject", hostile}, {"message", hostile}}},
        {"lessons", json::parse(R"([{"bits_after":3.0},{"bits_after":0.0}])")},
        {"rows",
         {row(good, "end_good", "good", {10, 11, 12}), row(bad, "end_bad", "bad", {20, 21}),
          row(culprit, "probe", "skip", {}), row(culprit, "confirm_bad", "bad", {20}),
          row(parent, "confirm_parent", "good", {10})}}};
    json likely{{"commit", culprit}, {"probability", 0.99999}};
    detail.result["posterior"] = json::array({std::move(likely)});
    detail.steps = {{"build/v/dddddddddddd/full", "done", 1, "2025-03-01T10:00:10.000Z",
                     "2025-03-01T10:01:10.000Z", 60, ""},
                    {"build/v/dddddddddddd/full/clean", "done", 1, "2025-03-01T10:05:00.000Z",
                     "2025-03-01T10:06:00.000Z", 60, ""},
                    {"session/confirm_bad/dddddddddddd/full/1", "running", 1,
                     "2025-03-01T10:07:00.000Z", std::nullopt, 0, ""}};
    return detail;
}

ReportSources sources_for() {
    ReportSources sources;
    sources.log.feed("2025-03-01T10:00:11.000Z build v/dddddddddddd | ear");
    sources.log.feed("ly <b>\n2025-03-01T10:05:01.000Z build v/dddddddddddd clean | late\n"
                     "2025-03-01T10:05:02.000Z lab | of the lab\n"
                     "2025-03-01T10:05:03.000Z build v/dddddddddddd | another one beside it\n");
    sources.range = core::CommitGraph(
        {{core::CommitId(bad), {1}}, {core::CommitId(culprit), {2}}, {core::CommitId(parent), {}}});
    sources.changes = ports::ChangeSummary{{{"a\nb<i>", 3, 1, false}}, 1, 3, 1};
    return sources;
}

Report found_report() {
    const auto detail = found_job();
    return make_report(detail, sources_for());
}

TEST(Report, NumbersCommitsFromTheGoodEnd) {
    const auto report = found_report();

    ASSERT_EQ(report.probes.size(), 5U);
    EXPECT_EQ(report.probes[0].place, 0U);
    EXPECT_EQ(report.probes[1].place, 3U);
    EXPECT_EQ(report.probes[4].place, 1U);
    ASSERT_EQ(report.suspects.size(), 1U);
    EXPECT_EQ(report.suspects[0].place, 2U);
    EXPECT_EQ(report.suspects[0].subject, hostile);
}

TEST(Report, TellsTheCleanBuildsLogFromTheFirst) {
    const auto report = found_report();

    EXPECT_EQ(report.probes[2].log,
              "10:00:11 build | early <b>\n10:05:03 build | another one beside it\n");
    EXPECT_EQ(report.probes[3].log, "10:05:01 build | late\n");
    EXPECT_EQ(report.probes[0].log, "");
}

TEST(Report, KnowsWhatRanWhen) {
    const auto report = found_report();

    ASSERT_EQ(report.spans.size(), 3U);
    EXPECT_EQ(report.spans[0].commit, "dddddddddddd");
    EXPECT_DOUBLE_EQ(report.spans[0].begin, 10);
    EXPECT_DOUBLE_EQ(report.spans[0].end, 70);
    EXPECT_FALSE(report.spans[2].finished);
    EXPECT_DOUBLE_EQ(report.spans[2].end, 600.5);
}

TEST(Report, SaysHowToSeeItAgain) {
    const auto report = found_report();

    ASSERT_EQ(report.commands.size(), 4U);
    EXPECT_EQ(report.commands[0].text, "lab test v/" + culprit + "/t --bench a/b");
    EXPECT_EQ(report.commands[1].text, "lab test v/" + parent + "/t --bench a/b");
    EXPECT_EQ(report.commands[2].text,
              "lab bisect " + good + ".." + bad + " --vm v --on t --bench a/b --metric m");
}

TEST(Report, RepeatsACommandHereWithItsOptions) {
    auto detail = found_job();
    detail.spec = json::parse(
        R"({"good":"g","bad":"b","strategy":"git","confidence":0.9,"paths":["x y"],"prune":false,
            "term_good":"slow","term_bad":"fast","said":[{"commit":"s","verdict":"good"}],
            "local":{"repository":"/r","argv":["sh","-c","a && b"],"timeout_seconds":60,
                     "timeout_is_bad":true,"direction":"higher_is_better"}})");
    detail.spec["local"]["direction"] = core::to_string(core::Direction::higher_is_better);

    const auto commands = commands_of(detail);

    ASSERT_EQ(commands.size(), 4U);
    EXPECT_EQ(commands[0].text, "cd /r && git checkout " + culprit + " && sh -c 'a && b'");
    EXPECT_EQ(commands[2].text,
              "lab bisect g..b --repo /r --timeout 60s --timeout-is bad --higher-is-better "
              "--confidence 0.9 --strategy git --term-old slow --term-new fast --good s --path 'x "
              "y' --no-prune -- sh -c 'a && b'");
}

TEST(Report, ToleratesAJobThatHasNothing) {
    api::JobDetail detail;
    detail.job.state = "running";
    for (const auto& result : {json(), json::object(), json::parse(R"({"rows":7,"info":[]})")}) {
        detail.result = result;
        const auto report = make_report(detail, {});

        EXPECT_TRUE(report.probes.empty());
        EXPECT_TRUE(has(html_report(report), "The bisection has no conclusion; it is running"));
        EXPECT_TRUE(has(markdown_report(report), "it is running"));
    }
}

TEST(HtmlReport, HasEverythingAndNothingFromOutside) {
    const auto html = html_report(found_report());

    for (const auto* part :
         {"dddddddddddd is the first bad commit", "99.9 %", "How to see it again", "lab test v/",
          "<svg", "good level", "Which commit it is", "What was left out", "late"}) {
        EXPECT_TRUE(has(html, part)) << part;
    }
    for (const auto* part : {"<script", "http://", "https://", "src=\"", "href=\"", "url("}) {
        EXPECT_FALSE(has(html, part)) << part;
    }
}

TEST(HtmlReport, ShowsForeignTextAsText) {
    const auto html = html_report(found_report());

    EXPECT_TRUE(has(html, "&lt;script&gt;alert(1)&lt;/script&gt; &lt;U+202E&gt;"));
    EXPECT_TRUE(has(html, "early &lt;b&gt;"));
    EXPECT_TRUE(has(html, "a\nb&lt;i&gt;"));
    EXPECT_FALSE(has(html, "\033"));
    EXPECT_FALSE(has(html, "\xE2\x80\xAE"));
}

TEST(MarkdownReport, KeepsForeignTextInsideCode) {
    const auto markdown = markdown_report(found_report());

    EXPECT_TRUE(has(markdown, "- **Subject:** ``<script>alert(1)</script> <U+202E> | `x` **y** "));
    EXPECT_TRUE(has(markdown, "| `the note` |"));
    EXPECT_TRUE(has(markdown, "`10 11 12 ops/s, mean 11 ± 2.48414`"));
    EXPECT_FALSE(has(markdown, "\033"));
}

TEST(Report, GroupsWhatCouldNotBeTested) {
    auto detail = found_job();
    detail.result["blockers"] = {{{"text", "2 x <b>error</b> (a..b)"}, {"begins", parent}}};

    const auto report = make_report(detail, sources_for());
    const auto html = html_report(report);
    const auto markdown = markdown_report(report);

    EXPECT_TRUE(has(html, "What could not be tested"));
    EXPECT_TRUE(has(html, "2 x &lt;b&gt;error&lt;/b&gt; (a..b)"));
    EXPECT_TRUE(has(markdown, "- `2 x <b>error</b> (a..b)`"));
    EXPECT_FALSE(has(markdown, "was skipped")) << "once is enough";
}

TEST(SamplesPlot, IsThis) {
    Report report;
    ReportProbe probe;
    probe.commit = good;
    probe.subject = "<s>";
    probe.verdict = core::Verdict::good;
    probe.runs = 4;
    probe.failures = 1;
    probe.purpose = "good end";
    report.probes = {probe};

    EXPECT_EQ(
        samples_plot(report, PlotWidth::narrow),
        R"(<svg viewBox="0 0 340 104" role="img" style="max-width:340px" aria-label="Samples of every commit that was tried">
<line class="grid" x1="92" y1="38" x2="92" y2="62"/>
<text class="mark" x="92" y="78" text-anchor="middle">0.0</text>
<line class="grid" x1="209" y1="38" x2="209" y2="62"/>
<text class="mark" x="209" y="78" text-anchor="middle">0.5</text>
<line class="grid" x1="326" y1="38" x2="326" y2="62"/>
<text class="mark" x="326" y="78" text-anchor="middle">1.0</text>
<line class="axis" x1="92" y1="62" x2="326" y2="62"/>
<text class="mark" x="209" y="96" text-anchor="middle">share of runs that fail</text>
<line class="level good" x1="150.5" y1="15" x2="150.5" y2="62"/>
<text class="name good" x="155.5" y="12" text-anchor="start">good level 0.25</text>
<line class="row" x1="0" y1="62" x2="340" y2="62"/>
<text class="hash good" x="2" y="54" text-anchor="start">aaaaaaaa</text>
<line class="interval good" x1="102.7" y1="50" x2="255.6" y2="50"/>
<circle class="dot good" cx="150.5" cy="50" r="3.5"><title>aaaaaaaaaaaa &lt;s&gt;
1 of 4 runs fail</title></circle>
</svg>
)");
}

TEST(Plots, AreEmptyWithoutData) {
    EXPECT_EQ(samples_plot({}, PlotWidth::wide), "");
    EXPECT_EQ(chances_plot({}, PlotWidth::wide), "");
    EXPECT_EQ(narrowing_plot({}, PlotWidth::wide), "");
    EXPECT_EQ(timeline_plot({}, PlotWidth::wide), "");
}

TEST(Certainty, IsSaidAsEverywhereElse) {
    Report report;
    for (const auto& [probability, text] : {std::pair{0.0, ""},
                                            {0.5, "50.0 %"},
                                            {0.9934, "99.3 %"},
                                            {0.9996, "99.9 %"},
                                            {0.9999999, "99.9 %"}}) {
        report.probability = probability;
        EXPECT_EQ(certainty(report), text) << probability;
    }
}

} // namespace
} // namespace lab::report
