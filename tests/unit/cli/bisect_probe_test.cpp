// SPDX-License-Identifier: Apache-2.0
#include "cli/bisect_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::cli {
namespace {

using testing::HasSubstr;

constexpr const char* commit = "0123456789abcdef0123456789abcdef01234567";

/// A context of published levels and its store.
struct Bisection {
    ports::ResultBatch batch;
    ports::BenchmarkRecord benchmark{"sysbench", "thread", "command", "", {{"threads", "8"}}};
    ProbeQuestion question;
    int sessions = 0;

    Bisection() {
        auto& context = question.context;
        context.sut.name = "t";
        context.benchmark = {"sysbench", "thread"};
        context.good_swprofile = "6.8.0-baseline";
        context.bad_swprofile = "6.9.0-regression";
        context.resultclass = "score";
        context.output_resultstore = "/store";
        question.commit.swprofile = "bisect-0123456789ab";
        question.commit.sha = commit;
        batch.resultclasses = {
            {benchmark.id(), "score", "ops/sec", core::Direction::higher_is_better}};
        add("6.8.0-baseline", {231, 232, 234, 235});
        add("6.9.0-regression", {217, 220, 222, 225});
    }

    void add(const std::string& profile, const std::vector<double>& values) {
        for (const double value : values) {
            ports::ResultRecord result{"t", profile, benchmark.id(), "score",
                                       "s" + std::to_string(++sessions)};
            result.value = value;
            batch.results.push_back(result);
        }
    }

    [[nodiscard]] std::optional<Judged> judge() const {
        return judge_samples(records_of(batch, question), question);
    }

    [[nodiscard]] unsigned wanted() const {
        return more_samples(records_of(batch, question), question);
    }
};

TEST(BisectProbe, TakesOneSampleAndFourMoreWhenThatSaysNothing) {
    Bisection bisection;

    EXPECT_EQ(bisection.wanted(), 1U);
    bisection.add("bisect-0123456789ab", {227});
    EXPECT_FALSE(bisection.judge());
    EXPECT_EQ(bisection.wanted(), 4U);
    bisection.add("bisect-0123456789ab", {221, 222, 220, 223});
    EXPECT_EQ(bisection.judge()->verdict, core::Verdict::bad);
    EXPECT_EQ(bisection.wanted(), 0U);
}

TEST(BisectProbe, TakesOneMoreAtATimeByChance) {
    Bisection bisection;
    bisection.question.classifier = Classifier::bayes;
    bisection.add("bisect-0123456789ab", {231});

    EXPECT_EQ(bisection.wanted(), 1U);
    bisection.add("bisect-0123456789ab", {233, 232});
    EXPECT_EQ(bisection.judge()->verdict, core::Verdict::good);
    EXPECT_LT(bisection.judge()->chance_bad, 0.01);
}

TEST(BisectProbe, PrintsFastpathsLines) {
    Bisection bisection;
    bisection.add("bisect-0123456789ab", {220});

    const auto document = document_of(*bisection.judge(), bisection.question);

    EXPECT_THAT(document.before,
                testing::StartsWith("Result: REGRESSION detected for resultclass 'score'\n"
                                    "        comparing 'bisect-0123456789ab' vs "
                                    "'6.8.0-baseline'.\n"
                                    "        220 against good 233 +- 2.9"));
    EXPECT_THAT(document.before, HasSubstr("probability of the bad level: "));
    EXPECT_EQ(document.data["exit_code"], 1);
    EXPECT_EQ(document.data["verdict"], "bad");
    EXPECT_EQ(document.data["samples"], nlohmann::json({220.0}));
}

TEST(BisectProbe, SaysGoodAndSkip) {
    Bisection good;
    good.add("bisect-0123456789ab", {234});
    Bisection skip;
    skip.add("bisect-0123456789ab", {228, 220, 236, 224, 232});

    const auto is_good = document_of(*good.judge(), good.question);
    const auto is_skip = document_of(*skip.judge(), skip.question);

    EXPECT_THAT(is_good.before, HasSubstr("Result: NO REGRESSION detected for resultclass"));
    EXPECT_EQ(is_good.data["exit_code"], 0);
    EXPECT_THAT(is_skip.before, HasSubstr("Result: INCONCLUSIVE for resultclass 'score'\n        "
                                          "comparing 'bisect-0123456789ab' vs '6.8.0-baseline' and "
                                          "'6.9.0-regression'.\n        fits both ends"));
    EXPECT_EQ(is_skip.data["exit_code"], 125);
}

TEST(BisectProbe, SkipsWhatGivesNoSample) {
    Bisection bisection;
    ports::ErrorRecord error;
    error.code = 1;
    error.text = "make: \033[31mexit code 2";

    const auto judged = judge_error(error, bisection.question);

    EXPECT_EQ(judged.verdict, core::Verdict::skip);
    EXPECT_THAT(document_of(judged, bisection.question).before,
                HasSubstr("Result: NO SAMPLE for resultclass"));
    EXPECT_THAT(judged.reason, HasSubstr("make: \\x1b[31mexit code 2"));
}

TEST(BisectProbe, TakesAPanicAsItWasTold) {
    Bisection bisection;
    ports::ErrorRecord error;
    error.code = 2;
    error.text = "Kernel panic - not syncing";

    EXPECT_EQ(judge_error(error, bisection.question).verdict, core::Verdict::skip);
    bisection.question.panic = core::Verdict::bad;
    const auto judged = judge_error(error, bisection.question);
    EXPECT_EQ(judged.verdict, core::Verdict::bad);
    EXPECT_THAT(judged.reason, HasSubstr("which is bad (--panic-is): Kernel panic"));
    error.code = 1;
    EXPECT_EQ(judge_error(error, bisection.question).verdict, core::Verdict::skip);
}

TEST(BisectProbe, RefusesAStoreWithoutTheBaselines) {
    Bisection bisection;
    bisection.question.context.good_swprofile = "other";

    EXPECT_THROW(static_cast<void>(bisection.judge()), Error);
}

TEST(BisectProbe, RefusesSamplesOfAnotherBenchmark) {
    Bisection bisection;
    auto other = bisection.benchmark;
    other.params = {{"threads", "9"}};
    bisection.benchmark = other;
    bisection.add("bisect-0123456789ab", {220});

    try {
        static_cast<void>(bisection.judge());
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict);
        EXPECT_THAT(error.what(), HasSubstr("was measured by 'sysbench/thread:"));
    }
}

TEST(BisectProbe, RefusesAnotherCommitWithTheSameTwelveDigits) {
    Bisection bisection;
    bisection.add("bisect-0123456789ab", {220});
    bisection.batch.swprofiles = {
        {"bisect-0123456789ab", "", "0123456789ab" + std::string(28, '0')}};

    EXPECT_THROW(static_cast<void>(bisection.judge()), Error);
    bisection.batch.swprofiles[0].kernel_git_sha = commit;
    EXPECT_TRUE(bisection.judge());
}

TEST(BisectProbe, TakesImportedBaselinesThatKnowNoParams) {
    Bisection bisection;
    bisection.batch.results.clear();
    const auto known = std::exchange(bisection.benchmark, {"sysbench", "thread", "", "", {}});
    bisection.batch.resultclasses.push_back(
        {"sysbench/thread", "score", "ops/sec", core::Direction::higher_is_better});
    bisection.add("6.8.0-baseline", {231, 232, 234, 235});
    bisection.add("6.9.0-regression", {217, 220, 222, 225});
    bisection.benchmark = known;
    bisection.add("bisect-0123456789ab", {220});

    EXPECT_EQ(bisection.judge()->verdict, core::Verdict::bad);
}

std::string problems_of(const plan::BisectContext& context, const KernelOptions& options) {
    const auto parsed = commit_of(context, options);
    std::string all;
    if (!parsed) {
        for (const auto& problem : parsed.error()) {
            all += problem.where + ": " + problem.message + "\n";
        }
    }
    return all;
}

TEST(BisectProbe, NamesTheProfileByTwelveDigits) {
    const auto parsed = commit_of(Bisection().question.context, {commit, "b/0123456789ab", ""});

    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->swprofile, "bisect-0123456789ab");
    EXPECT_EQ(parsed->kernel, "b/0123456789ab");
}

TEST(BisectProbe, RefusesAllThatIsWrongWithAKernel) {
    auto context = Bisection().question.context;

    EXPECT_EQ(problems_of(context, {"HEAD", "/boot/Image", "m.tar"}),
              "--gitsha: 'HEAD' is not a commit (12 to 64 of 0-9 and a-f)\n"
              "--kernel: '/boot/Image' is no build (a test VM takes <build-vm>/<commit>)\n"
              "--modules: goes with a kernel's file only (a build has its own)\n");

    context.sut.address.emplace();
    EXPECT_THAT(problems_of(context, {commit, "/nowhere/Image", "/nowhere/modules.tar.xz"}),
                testing::AllOf(HasSubstr("--kernel: '/nowhere/Image' is no file"),
                               HasSubstr("--modules: '/nowhere/modules.tar.xz' is no file")));
    const auto parsed = commit_of(context, {commit, "/proc/self/../self/exe", ""});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->kernel, "/proc/self/exe");
    const auto build = commit_of(context, {commit, "b/0123456789ab", ""});
    ASSERT_TRUE(build);
    EXPECT_EQ(build->kernel, "b/0123456789ab");
}

} // namespace
} // namespace lab::cli
