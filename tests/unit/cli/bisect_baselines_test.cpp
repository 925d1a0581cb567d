// SPDX-License-Identifier: Apache-2.0
#include "cli/bisect_baselines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A store with both ends and things beside them.
struct Store {
    ports::ResultBatch batch;
    ports::BenchmarkRecord benchmark{"sysbench", "thread", "command", "", {{"threads", "8"}}};
    BaselineQuestion question{"Ampere Altra Max", "6.8.0-baseline", "6.9.0-regression",
                              "sysbench/thread", "sysbenchthread-110"};

    Store() {
        batch.suts = {{"Ampere Altra Max"}, {"other"}};
        batch.swprofiles = {{"6.8.0-baseline", "6.8.0", "a1b2c3d4e5f6", "Debian", {"quiet"}},
                            {"6.9.0-regression", "6.9.0", "f6e5d4c3b2a1", "Debian", {"quiet"}},
                            {"another", "", "0123456789ab", "", {}}};
        batch.benchmarks = {benchmark};
        batch.resultclasses = {
            {benchmark.id(), "sysbenchthread-110", "ops/sec", core::Direction::higher_is_better},
            {benchmark.id(), "latency", "usec", core::Direction::lower_is_better}};
        add(question.good, {231, 232, 234, 235});
        add(question.bad, {217, 220, 222, 225});
    }

    /// Samples, two to a session.
    void add(const std::string& profile, const std::vector<double>& values,
             const std::string& sut = "Ampere Altra Max",
             const std::string& resultclass = "sysbenchthread-110") {
        add_by(benchmark, profile, values, sut, resultclass);
    }

    void add_by(const ports::BenchmarkRecord& by, const std::string& profile,
                const std::vector<double>& values, const std::string& sut = "Ampere Altra Max",
                const std::string& resultclass = "sysbenchthread-110") {
        std::int64_t count = 0;
        for (const double value : values) {
            if (count % 2 == 0) {
                batch.sessions.push_back(
                    {profile + std::to_string(batch.sessions.size()), {}, "", "", ""});
            }
            ports::ResultRecord result{
                sut, profile, by.id(), resultclass, batch.sessions.back().uuid, count % 2 + 1};
            result.value = value;
            batch.results.push_back(result);
            ++count;
        }
    }

    void forget(const std::string& profile) {
        std::erase_if(batch.results,
                      [&](const auto& result) { return result.swprofile == profile; });
    }

    [[nodiscard]] std::vector<std::string> problems() const {
        const auto found = find_baselines(batch, question);
        std::vector<std::string> texts;
        if (!found) {
            for (const auto& refusal : found.error()) {
                texts.push_back(std::string(to_string(refusal.code)) + " " + refusal.text);
            }
        }
        return texts;
    }
};

TEST(FindBaselines, TakesBothEndsAndTheirSamples) {
    Store store;
    store.add("another", {1, 2, 3});
    store.add(store.question.good, {9, 9}, "other");
    store.add(store.question.good, {5}, "Ampere Altra Max", "latency");

    const auto found = find_baselines(store.batch, store.question);

    ASSERT_TRUE(found) << to_error(found.error()).what();
    EXPECT_EQ(found->good.kernel_git_sha, "a1b2c3d4e5f6");
    EXPECT_EQ(found->bad.kernel_git_sha, "f6e5d4c3b2a1");
    EXPECT_NEAR(found->levels.good().mean, 233, 1e-9);
    EXPECT_NEAR(found->levels.bad().mean, 221, 1e-9);
    EXPECT_NEAR(found->levels.bad().half_width / 221, 0.0242, 5e-5);
    EXPECT_EQ(found->sessions, 2U);
    EXPECT_EQ(found->repeats, 2U);
    EXPECT_EQ(found->records.suts.size(), 1U);
    EXPECT_EQ(found->records.swprofiles.size(), 2U);
    EXPECT_EQ(found->records.resultclasses.size(), 2U);
    EXPECT_EQ(found->records.results.size(), 9U) << "all classes of both ends on this SUT";
    EXPECT_EQ(found->records.sessions.size(), 5U);
}

TEST(FindBaselines, ReportsEverythingThatIsNotThereAtOnce) {
    Store store;
    store.question = {"Ampere", "6.8.0-baselin", "nothing like it", "sysbench/tread", "x"};

    EXPECT_THAT(store.problems(),
                ElementsAre(HasSubstr("not_found --sut: 'Ampere' is not in the store (the store "
                                      "has 'Ampere Altra Max', 'other')"),
                            HasSubstr("--good-swprofile: '6.8.0-baselin' is not in the store (did "
                                      "you mean '6.8.0-baseline'?)"),
                            HasSubstr("--bad-swprofile: 'nothing like it' is not in the store"),
                            HasSubstr("--benchmark: 'sysbench/tread' is not in the store (did you "
                                      "mean 'sysbench/thread'?)")));
}

TEST(FindBaselines, NeedsTheResultclass) {
    Store store;
    store.question.resultclass = "sysbenchthread-11";

    EXPECT_THAT(store.problems(),
                ElementsAre(HasSubstr("not_found --resultclass: 'sysbenchthread-11' is not in the "
                                      "store (did you mean 'sysbenchthread-110'?)")));
}

TEST(FindBaselines, SaysWhichFieldsDiffer) {
    Store store;
    store.batch.swprofiles[1].cmdline = {"quiet", "nosmt"};
    store.batch.swprofiles[1].sysctl = {"vm.swappiness=1"};
    store.batch.swprofiles[0].bootscript = {"true"};
    store.batch.swprofiles[1].userspace_name = "Fedora";

    EXPECT_THAT(store.problems(),
                ElementsAre(HasSubstr("bad_input swprofiles: differ in cmdline: good has 'quiet', "
                                      "bad has 'quiet | nosmt'"),
                            HasSubstr("differ in sysctl: good has nothing"),
                            HasSubstr("differ in bootscript: good has 'true', bad has nothing"),
                            HasSubstr("differ in userspace_name")));
}

TEST(FindBaselines, NeedsTwoCommits) {
    Store without;
    without.batch.swprofiles[0].kernel_git_sha = "";
    without.batch.swprofiles[1].kernel_git_sha = "v6.9";
    Store same;
    same.batch.swprofiles[1].kernel_git_sha = "a1b2c3d4e5f60";
    Store one;
    one.question.bad = one.question.good;

    EXPECT_THAT(without.problems(),
                ElementsAre(HasSubstr("--good-swprofile: '6.8.0-baseline' has no kernel_git_sha"),
                            HasSubstr("--bad-swprofile: '6.9.0-regression' has the "
                                      "kernel_git_sha 'v6.9'")));
    EXPECT_THAT(same.problems(),
                ElementsAre(HasSubstr("both have the kernel_git_sha 'a1b2c3d4e5f6'")));
    EXPECT_THAT(one.problems(), testing::Contains(HasSubstr("is the good one, too")));
}

TEST(FindBaselines, NeedsSamplesOfBothOnTheSameSut) {
    Store store;
    store.forget(store.question.good);
    store.forget(store.question.bad);
    store.add(store.question.bad, {1, 2}, "other");

    EXPECT_THAT(store.problems(),
                ElementsAre(HasSubstr("not_found --good-swprofile: '6.8.0-baseline' has no samples "
                                      "of 'sysbench/thread' on 'Ampere Altra Max' (it was measured "
                                      "by it nowhere)"),
                            HasSubstr("--bad-swprofile: '6.9.0-regression' has no samples of "
                                      "'sysbench/thread' on 'Ampere Altra Max' (it was measured on "
                                      "'other')")));
}

TEST(FindBaselines, NeedsTheSameParams) {
    Store store;
    auto other = store.benchmark;
    other.params = {{"threads", "16"}, {"time", "10"}};
    store.batch.benchmarks.push_back(other);
    store.batch.resultclasses.push_back(
        {other.id(), "sysbenchthread-110", "ops/sec", core::Direction::higher_is_better});
    store.forget(store.question.bad);
    store.add_by(other, store.question.bad, {217, 220, 222});

    EXPECT_THAT(store.problems(),
                ElementsAre(HasSubstr("bad_input --benchmark: 'sysbench/thread' was run with other "
                                      "parameters for good and bad: param threads '8' and '16', "
                                      "param time '' and '10'")));
}

TEST(FindBaselines, AsksWhichOfTwoBenchmarksIsMeant) {
    Store store;
    auto other = store.benchmark;
    other.params = {{"threads", "16"}};
    store.batch.benchmarks.push_back(other);
    store.batch.resultclasses.push_back(
        {other.id(), "sysbenchthread-110", "ops/sec", core::Direction::higher_is_better});
    store.add_by(other, store.question.good, {131, 132, 133});
    store.add_by(other, store.question.bad, {117, 118, 119});

    EXPECT_THAT(store.problems(), ElementsAre(HasSubstr("stands for 2 that both ends have")));

    store.question.benchmark = other.id();
    const auto found = find_baselines(store.batch, store.question);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->levels.good().mean, 132);
}

TEST(FindBaselines, NeedsTwoSamplesOfEachEnd) {
    Store store;
    store.forget(store.question.good);
    store.add(store.question.good, {233});

    EXPECT_THAT(store.problems(),
                ElementsAre(HasSubstr("--good-swprofile: has 1 sample of 'sysbenchthread-110' (at "
                                      "least 2")));
}

TEST(FindBaselines, NeedsEndsThatDifferTheRightWay) {
    Store overlapping;
    overlapping.forget(overlapping.question.bad);
    overlapping.add(overlapping.question.bad, {230, 232, 235});
    Store swapped;
    std::swap(swapped.question.good, swapped.question.bad);

    EXPECT_THAT(overlapping.problems(), ElementsAre(HasSubstr("the ends do not differ")));
    EXPECT_THAT(swapped.problems(), ElementsAre(HasSubstr("the bad end is better")));
}

TEST(FindBaselines, TurnsRoundWithTheDirection) {
    Store store;
    for (auto& metric : store.batch.resultclasses) {
        metric.better = core::Direction::lower_is_better;
    }

    EXPECT_THAT(store.problems(), ElementsAre(HasSubstr("the bad end is better")));
    std::swap(store.question.good, store.question.bad);
    EXPECT_THAT(store.problems(), testing::IsEmpty());
}

TEST(Refusals, AreOneErrorOfTheFirstKind) {
    const auto error = to_error(Refusals{{ErrorCode::conflict, "a: exists", ""},
                                         {ErrorCode::not_found, "b: is not there", "look"},
                                         {ErrorCode::not_found, "c: neither", "elsewhere"}});

    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_STREQ(error.what(), "a: exists\nb: is not there\nc: neither");
    EXPECT_EQ(error.hint(), "look");
}

} // namespace
} // namespace lab::cli
