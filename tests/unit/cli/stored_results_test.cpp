// SPDX-License-Identifier: Apache-2.0
#include "cli/output/stored_results.h"
#include "cli/plot.h"

#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

/// Samples of profiles "A", "B", ... of one metric on one SUT.
ports::ResultBatch batch_of_profiles(const std::vector<std::vector<double>>& profiles,
                                     core::Direction better = core::Direction::higher_is_better) {
    ports::ResultBatch batch;
    batch.suts.push_back({.name = "s"});
    batch.benchmarks.push_back({.suite = "a", .name = "b"});
    batch.resultclasses.push_back({"a/b", "score", "runs/min", better});
    for (std::size_t k = 0; k < profiles.size(); ++k) {
        const std::string name(1, static_cast<char>('A' + k));
        batch.swprofiles.push_back({.name = name});
        for (const double value : profiles[k]) {
            ports::ResultRecord result;
            result.sut = "s";
            result.swprofile = name;
            result.benchmark = "a/b";
            result.resultclass = "score";
            result.value = value;
            batch.results.push_back(result);
        }
    }
    return batch;
}

const std::vector<double> first{217, 220, 222, 225};
const std::vector<double> second{231, 232, 234, 235};

std::vector<std::string> only_row(const Document& document) {
    EXPECT_THAT(document.table.rows, SizeIs(1));
    return document.table.rows.front();
}

TEST(StoredSamples, OfOneProfileHaveFastpathsColumns) {
    const auto samples = group_samples(batch_of_profiles({first}), {"A"});

    const auto document = samples_document(samples, Numbers::absolute);

    EXPECT_THAT(document.table.headers, ElementsAre("Benchmark", "Result Class", "min", "ci95min",
                                                    "mean", "ci95max", "max", "cv", "count"));
    EXPECT_THAT(only_row(document), ElementsAre("a/b", "score (runs/min)", "217.00", "215.64",
                                                "221.00", "226.36", "225.00", "1.52 %", "4"));
    EXPECT_THAT(only_row(samples_document(samples, Numbers::relative)),
                ElementsAre("a/b", "score (runs/min)", "-1.81 %", "-2.42 %", "221.00", "+2.42 %",
                            "+1.81 %", "1.52 %", "4"));
}

TEST(StoredSamples, OfSeveralProfilesAreComparedWithTheFirst) {
    const auto higher = group_samples(batch_of_profiles({first, second}), {"A", "B"});
    const auto lower = group_samples(
        batch_of_profiles({first, second}, core::Direction::lower_is_better), {"A", "B"});

    EXPECT_THAT(samples_document(higher, Numbers::absolute).table.headers,
                ElementsAre("Benchmark", "Result Class", "A (base)", "B", "shift", "p", "rank p",
                            "finding"));
    EXPECT_THAT(only_row(samples_document(higher, Numbers::absolute)),
                ElementsAre("a/b", "score (runs/min)", "221.00", "+5.43 % (I)", "+5.43 %", "0.0020",
                            "0.0286", "improvement"));
    EXPECT_THAT(only_row(samples_document(lower, Numbers::absolute)),
                ElementsAre("a/b", "score (runs/min)", "221.00", "-5.43 % (R)", "-5.43 %", "0.0020",
                            "0.0286", "regression"));
}

TEST(StoredSamples, OfTheOtherOrderHaveTheOtherBase) {
    const auto samples = group_samples(batch_of_profiles({first, second}), {"B", "A"});

    EXPECT_EQ(only_row(samples_document(samples, Numbers::absolute))[3], "-5.15 % (R)");
}

TEST(StoredSamples, LeaveOutWhatOneSampleCannotSay) {
    const auto one = group_samples(batch_of_profiles({{7}}), {"A"});
    const auto two = group_samples(batch_of_profiles({first, {300}, {}}), {"A", "B", "C"});

    EXPECT_THAT(only_row(samples_document(one, Numbers::absolute)),
                ElementsAre("a/b", "score (runs/min)", "7.00", "", "7.00", "", "7.00", "", "1"));
    EXPECT_THAT(only_row(samples_document(two, Numbers::absolute)),
                ElementsAre("a/b", "score (runs/min)", "221.00", "+35.75 %", "+35.75 %", "", "",
                            "too few", "", "", "", "", ""));
}

TEST(StoredSamples, AreNeverMixedAcrossSutsOrParams) {
    auto batch = batch_of_profiles({first});
    batch.results[0].sut = "t";
    const ports::BenchmarkRecord other{.suite = "a", .name = "b", .params = {{"n", "2"}}};
    batch.benchmarks.push_back(other);
    batch.resultclasses.push_back({other.id(), "score", "s", core::Direction::lower_is_better});
    batch.results[1].benchmark = other.id();

    const auto document = samples_document(group_samples(batch, {"A"}), Numbers::absolute);

    ASSERT_THAT(document.table.rows, SizeIs(3));
    EXPECT_EQ(document.table.headers.front(), "SUT");
    EXPECT_EQ(document.table.rows[1][1], other.id());
    EXPECT_EQ(document.table.rows[1][2], "score (s)");
    EXPECT_EQ(document.table.rows[2][0], "t");
}

TEST(StoredSamples, ShowErrorsBesideAndNeverAsSamples) {
    auto batch = batch_of_profiles({first});
    ports::ErrorRecord error;
    error.swprofile = "A";
    error.sut = "s";
    error.benchmark = "a/b";
    error.code = 124;
    error.text = "no answer\nfor an hour";
    batch.errors.push_back(error);

    const auto document = samples_document(group_samples(batch, {"A"}), Numbers::absolute);

    EXPECT_EQ(only_row(document).back(), "4");
    EXPECT_EQ(document.after, "error: A on s, a/b, code 124: no answer\n");
    EXPECT_EQ(document.data["errors"][0]["code"], 124);
}

TEST(StoredSamples, AreWholeInTheData) {
    const auto data =
        samples_document(group_samples(batch_of_profiles({first, second}), {"A", "B"}),
                         Numbers::absolute)
            .data;

    const auto& row = data["results"][0];
    EXPECT_EQ(row["profiles"][0]["samples"], first);
    EXPECT_EQ(row["profiles"][1]["mean"], 233);
    EXPECT_EQ(row["comparisons"][0]["mark"], "I");
    EXPECT_EQ(row["comparisons"][0]["finding"], "improvement");
    EXPECT_NEAR(row["comparisons"][0]["change"].get<double>(), 0.0543, 5e-5);
}

TEST(StoredObjects, SayNoneWhereNothingIsKnown) {
    EXPECT_THAT(only_row(swprofiles_document({{.name = "p", .cmdline = {"a", "b"}}})),
                ElementsAre("p", "<none>", "<none>", "<none>", "a b", "<none>", "<none>"));
    EXPECT_THAT(swprofiles_document({}).table.headers,
                ElementsAre("ID", "Kernel Name", "Kernel Git SHA", "Userspace", "cmdline", "sysctl",
                            "bootscript"));
    EXPECT_EQ(only_row(suts_document({{.name = "s", .cpu_count = 4}}))[3], "4");
    EXPECT_EQ(only_row(benchmarks_document({{.suite = "a", .name = "b"}}))[0], "a/b");
}

TEST(Plot, LetsNoForeignTextBecomeACommand) {
    auto batch = batch_of_profiles({first, second});
    const std::string odd = "x' ; system 'id' `id` \"$(id)\" @m \\ \n!id";
    batch.swprofiles[1].name = odd;
    for (auto& result : batch.results) {
        result.swprofile = result.swprofile == "B" ? odd : result.swprofile;
    }
    batch.resultclasses[0].unit = odd;

    const auto text = plot_commands(group_samples(batch, {"A", odd}), "out.svg");

    EXPECT_THAT(text, Not(HasSubstr("`")));
    EXPECT_THAT(text, Not(HasSubstr("\n!id")));
    EXPECT_THAT(text, Not(HasSubstr("' ; system")));
}

TEST(Plot, DrawsWithTheRealGnuplot) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-plot-test-");
    const auto file = directory.path() / "it's a picture.svg";

    plot(group_samples(batch_of_profiles({first, second, {230}}), {"A", "B", "C"}), file);

    const auto svg = read_file(file);
    EXPECT_THAT(svg, HasSubstr("<svg"));
    EXPECT_THAT(svg, HasSubstr("score (runs/min)"));
    EXPECT_EQ(svg.rfind("</svg>"), svg.find("</svg>"));
}

} // namespace
} // namespace lab::cli
