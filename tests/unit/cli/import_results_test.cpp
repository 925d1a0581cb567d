// SPDX-License-Identifier: Apache-2.0
#include "cli/import_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string line(const std::string& more) {
    return R"({"sut":"s","swprofile":"p","benchmark":"a/b","resultclass":"score",)"
           R"("unit":"runs/min","better":"higher",)" +
           more + "}\n";
}

std::vector<std::string> problems(const std::string& text) {
    const auto parsed = parse_results(text, "f");
    std::vector<std::string> out;
    if (!parsed) {
        for (const auto& problem : parsed.error()) {
            out.push_back(problem.where + ": " + problem.message);
        }
    }
    return out;
}

ports::ResultBatch batch_of(const std::string& text) {
    return value_or_throw(parse_results(text, "f")).batch;
}

TEST(ImportedResults, AreNumberedWithinTheirSession) {
    const auto batch =
        batch_of(line(R"("session":"1","value":217)") + "\n" +
                 line(R"("session":"1","value":220.5)") + line(R"("session":"2","value":-1e-3)"));

    ASSERT_THAT(batch.results, SizeIs(3));
    EXPECT_EQ(batch.results[0].value, 217);
    EXPECT_EQ(batch.results[0].sequence, 1);
    EXPECT_EQ(batch.results[1].sequence, 2);
    EXPECT_EQ(batch.results[2].sequence, 1);
    EXPECT_EQ(batch.results[0].session, batch.results[1].session);
    EXPECT_NE(batch.results[0].session, batch.results[2].session);
    EXPECT_THAT(batch.sessions, SizeIs(2));
    EXPECT_THAT(batch.suts, SizeIs(1));
    EXPECT_EQ(batch.resultclasses[0].unit, "runs/min");
}

TEST(ImportedResults, AreTheSameEveryTime) {
    const auto text = line(R"("session":"1","value":217)");

    EXPECT_EQ(batch_of(text), batch_of(text));
}

TEST(ImportedResults, KeepSessionsOfProfilesApart) {
    auto other = line(R"("session":"1","value":3)");
    other.replace(other.find(R"("p")"), 3, R"("q")");

    const auto batch = batch_of(line(R"("session":"1","value":2)") + other);

    EXPECT_NE(batch.results[0].session, batch.results[1].session);
}

TEST(ImportedResults, KeepEverythingThatIsSaid) {
    const auto parsed = value_or_throw(parse_results(
        line(R"("session":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","value":1,"sequence":7,)"
             R"("time":"2025-03-01T10:00:00.25Z","host_load":0.5,"quiet":"paused",)"
             R"("kernel_name":"6.8","kernel_git_sha":"abc","userspace_name":"Debian",)"
             R"("cmdline":["quiet"],"sysctl":["a=1"],"bootscript":["x"])"),
        "f"));

    const auto& result = parsed.batch.results.front();
    EXPECT_EQ(result.session, "1b4e28ba-2fa1-41d2-883f-0016d3cca427");
    EXPECT_EQ(result.sequence, 7);
    EXPECT_EQ(ports::time_text(result.time), "2025-03-01T10:00:00.250000Z");
    EXPECT_EQ(result.host_load, 0.5);
    EXPECT_EQ(result.quiet, "paused");
    const ports::SwprofileRecord profile{"p", "6.8", "abc", "Debian", {"quiet"}, {"a=1"}, {"x"}};
    EXPECT_THAT(parsed.batch.swprofiles, ElementsAre(profile));
    EXPECT_THAT(parsed.described, ElementsAre("p"));
}

TEST(ImportedResults, ReportEveryProblemOfEveryLine) {
    const auto found =
        problems("{\n" + line(R"("session":1,"value":"x","speed":3)") + "[]\n" +
                 line(R"("session":"1","value":NaN)") + line(R"("session":"1","value":1e999)") +
                 line(R"("session":"","value":1,"sequence":0,"time":"now")") + "{}\n");

    EXPECT_THAT(found, SizeIs(1 + 3 + 1 + 1 + 1 + 3 + 8));
    EXPECT_THAT(found[0], HasSubstr("f:1: is no JSON object"));
    EXPECT_THAT(found[1], HasSubstr("f:2: session is no text"));
    EXPECT_THAT(found[2], HasSubstr("f:2: value is no finite number"));
    EXPECT_THAT(found[3], HasSubstr("f:2: 'speed' is no known key (allowed: sut,"));
    EXPECT_THAT(found[5], HasSubstr("f:4: is no JSON object (NaN"));
    EXPECT_THAT(found[6], HasSubstr("f:5: is no JSON object"));
    EXPECT_THAT(found.back(), HasSubstr("f:7: "));
}

TEST(ImportedResults, RefuseWhatComesTwiceOrContradicts) {
    auto unit = line(R"("session":"3","value":1)");
    unit.replace(unit.find("runs/min"), 8, "s");
    const auto sure = R"("session":"2","value":1,"sequence":4)";
    const auto found = problems(line(R"("session":"1","value":1)") +
                                line(R"("session":"1","value":1)") + line(sure) + line(sure) +
                                unit + line(R"("session":"4","value":1,"kernel_name":"a")") +
                                line(R"("session":"5","value":1,"kernel_name":"b")"));

    EXPECT_THAT(found,
                ElementsAre(HasSubstr("f:2: is line 1 again"),
                            HasSubstr("f:4: sequence 4 of this session is on line 3 already"),
                            HasSubstr("f:5: unit or better differs on line 1"),
                            HasSubstr("f:7: the swprofile is described differently on line 6")));
}

TEST(ImportedResults, RefuseAnEmptyFile) {
    EXPECT_THAT(problems("\n \n"), ElementsAre(HasSubstr("f: holds no samples")));
}

} // namespace
} // namespace lab::cli
