// SPDX-License-Identifier: Apache-2.0
#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "cli/output/results.h"

#include <gtest/gtest.h>
#include <sstream>
#include <yaml-cpp/yaml.h>

namespace lab::cli {
namespace {

using nlohmann::json;
using std::chrono::seconds;

TEST(Render, AlignsColumnsByCharacters) {
    EXPECT_EQ(render_table({{"A", "B"}, {{"ü", "x"}, {"long", "y"}}}),
              "A     B\nü     x\nlong  y\n");
}

TEST(Render, KeepsControlBytesOutOfTables) {
    const auto text = render_table({{"A"}, {{"x\033[2J\ny\xE2\x80\xAE"}}});

    EXPECT_EQ(text, "A\nx\\x1b[2J y<U+202E>\n");
}

TEST(Render, GivesASpreadsheetNoFormula) {
    const auto cell = [](const std::string& text) {
        const auto csv = render_csv({{"a"}, {{text}}});
        return csv.substr(3, csv.size() - 5);
    };
    for (const auto* number :
         {"-1.5", "-2e-3", "+3.2 %", "-4%", "+1", "-", "7", "a=b", "", "x-1", "+5.43 % (I)"}) {
        EXPECT_EQ(cell(number), number);
    }
    for (const auto* text : {"=1+1", "@SUM(A1)", "-1+cmd", "+cmd", "--1", "-inf", "-nan", "+",
                             "-1%%", "\t=1", "+1 (A1)", "- (I)", "+x (I)", "-()"}) {
        EXPECT_EQ(cell(text), std::string("'") + text);
    }
    EXPECT_EQ(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
    EXPECT_EQ(cell("\r=1"), "\"'\r=1\"");
}

TEST(Render, QuotesCsv) {
    EXPECT_EQ(render_csv({{"a", "b"}, {{"1,2", "say \"x\""}}}),
              "a,b\r\n\"1,2\",\"say \"\"x\"\"\"\r\n");
}

TEST(Render, KeepsControlBytesOfCsvFromATerminalOnly) {
    const Document document{{}, {{"a"}, {{"x\033]0;t\a\xC2\x9B"}}}, {}};

    EXPECT_EQ(render(document, Format::csv, Sink::terminal), "a\r\nx\\x1b]0;t\\x07\\x9b\r\n");
    EXPECT_EQ(render(document, Format::csv, Sink::other), "a\r\nx\033]0;t\a\xC2\x9B\r\n");
}

TEST(Render, GivesATerminalAsciiJson) {
    const Document document{{{"a", "\xE2\x80\xAE\xC2\x9B"}}, {}, {}};

    EXPECT_EQ(render(document, Format::json, Sink::terminal),
              "{\n  \"a\": \"\\u202e\\u009b\"\n}\n");
}

TEST(Render, PrintsOneIdALine) {
    EXPECT_EQ(render({{}, {}, {"a", "b\n"}}, Format::id, Sink::other), "a\nb \n");
}

TEST(Yaml, IsReadBackAsTheSameValues) {
    const json value{{"on", "yes"},
                     {"empty", json::array()},
                     {"nothing", nullptr},
                     {"text", "a: \"b\"\n\t\xC2\x9B\xF0\x9F\x98\x80"},
                     {"list", {1, 2.5, {{"k", true}}, json::array({"x"})}}};

    const auto read = YAML::Load(to_yaml(value));

    EXPECT_EQ(read["on"].as<std::string>(), "yes");
    EXPECT_EQ(read["empty"].size(), 0U);
    EXPECT_TRUE(read["nothing"].IsNull());
    EXPECT_EQ(read["text"].as<std::string>(), value["text"].get<std::string>());
    EXPECT_EQ(read["list"][1].as<double>(), 2.5);
    EXPECT_TRUE(read["list"][2]["k"].as<bool>());
    EXPECT_EQ(read["list"][3][0].as<std::string>(), "x");
}

api::Event event(const std::string& kind, json data) {
    return {1, "", kind, std::move(data)};
}

class ProgressTest : public testing::Test {
protected:
    std::ostringstream out_;
    Instant start_;
};

TEST_F(ProgressTest, OfLinesPrintsPhasesAndOmitsDetails) {
    Progress progress(out_, ProgressStyle::lines, start_);

    progress.show(event("phase", {{"text", "building\033[0m"}}), start_);
    progress.show(event("progress", {{"text", "12 files"}}), start_);
    progress.show(event("warning", {{"text", "slow"}}), start_);
    progress.show(event("phase", "no object"), start_);

    EXPECT_EQ(out_.str(), "building\\x1b[0m\nwarning: slow\n");
}

TEST_F(ProgressTest, OfLinesBreaksEveryFifteenSecondsOfSilence) {
    Progress progress(out_, ProgressStyle::lines, start_);

    progress.tick(start_ + seconds(14));
    EXPECT_EQ(out_.str(), "");
    progress.tick(start_ + seconds(15));
    progress.tick(start_ + seconds(29));
    progress.show(event("phase", {{"text", "x"}}), start_ + seconds(29));
    progress.tick(start_ + seconds(43));

    EXPECT_EQ(out_.str(), "... still running (15 s)\nx\n");
}

TEST_F(ProgressTest, OfABarShowsHowFarItIsWithinTheTerminal) {
    Progress progress(out_, ProgressStyle::bar, start_, 40);

    progress.show(event("progress", {{"text", "testing 0123456789"}, {"done", 2}, {"total", 4}}),
                  start_ + seconds(3));
    progress.clear();

    EXPECT_EQ(out_.str(), "\r\033[K[3.0 s] [##########          ] 2/4 test\r\033[K");
}

TEST_F(ProgressTest, ThatIsSilentPrintsNothing) {
    Progress progress(out_, ProgressStyle::silent, start_);

    progress.show(event("phase", {{"text", "x"}}), start_);
    progress.tick(start_ + seconds(100));

    EXPECT_EQ(out_.str(), "");
}

api::JobDetail detail(const std::string& kind, json result) {
    api::JobDetail out;
    out.job.id = "01J";
    out.job.kind = kind;
    out.job.state = "running";
    out.result = std::move(result);
    return out;
}

std::string table_of(const api::JobDetail& value) {
    return render(result_document(value), Format::table, Sink::other);
}

TEST(Results, OfABuildShowTheEndOfABrokenOnesLog) {
    const auto text = table_of(detail("build", {{"builds",
                                                 {{{"id", "b/1"},
                                                   {"state", "failed"},
                                                   {"mode", "full"},
                                                   {"seconds", 61.0},
                                                   {"error", "make: exit code 2"},
                                                   {"log_tail", "cc x.c\nerror\033[1m\n"}}}}}));

    EXPECT_EQ(text, "BUILD  STATE   MODE  TIME        CHANGED  FROM\n"
                    "b/1    failed  full  1 min 01 s  0        empty\n"
                    "\nb/1: make: exit code 2\n    cc x.c\n    error\\x1b[1m\n");
}

TEST(Results, OfEveryKindSurviveMissingAndIllTypedMembers) {
    for (const char* kind : {"build", "install", "create", "start", "test", "bisect", "other"}) {
        for (const auto& result :
             {json(), json::object(), json::array(), json("x"),
              json{{"builds", {1, "x", nullptr}}, {"installs", 3}, {"roots", {json::object()}}},
              json{{"samples", {json::array()}},
                   {"conclusion", "found"},
                   {"info", 3},
                   {"rows", {1}},
                   {"suspects", {1}},
                   {"probability", "high"}},
              json{{"conclusion", 7}, {"samples", {{{"value", "x"}}}}}}) {
            EXPECT_NO_THROW((void)table_of(detail(kind, result))) << kind << " " << result;
        }
    }
}

const std::string sha(40, 'a');

TEST(BisectResult, EndsAsGitDoes) {
    const auto text = table_of(detail(
        "bisect", {{"conclusion", "found"},
                   {"commit", sha},
                   {"probability", 0.99389},
                   {"info", {{"author", "A <a@b>"}, {"date", "Sat"}, {"message", "s\n\nb\n"}}},
                   {"rows",
                    {{{"commit", sha},
                      {"verdict", "bad"},
                      {"values", {1.5, 2.25}},
                      {"unit", "ops/s"},
                      {"build_seconds", 2.0}}}}}));

    EXPECT_EQ(text, sha + " is the first bad commit\ncommit " + sha +
                        "\nAuthor: A <a@b>\nDate:   Sat\n\n    s\n\n    b\n\n"
                        "COMMIT        VERDICT  SAMPLES         BUILD  TEST  NOTE\n"
                        "aaaaaaaaaaaa  bad      1.5 2.25 ops/s  2.0 s\n"
                        "\nConfidence: 99.3 %\n");
}

TEST(BisectResult, WhileRunningSaysWhatIsLeft) {
    EXPECT_EQ(table_of(detail("bisect", {{"progress", "Bisecting: 7 revisions left"}})),
              "bisection 01J: running\nBisecting: 7 revisions left\n");
}

TEST(BisectResult, WithSkipsNamesEverySuspect) {
    const nlohmann::json suspect{{"commit", sha}, {"subject", "s"}, {"probability", 0.5}};
    const auto text = table_of(detail(
        "bisect",
        {{"conclusion", "found_with_skips"}, {"text", "Skips left."}, {"suspects", {suspect}}}));

    EXPECT_EQ(text, "Skips left.\nThe first bad commit could be:\n" + sha + "  50.0 %  s\n");
}

} // namespace
} // namespace lab::cli
