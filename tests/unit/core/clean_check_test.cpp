// SPDX-License-Identifier: Apache-2.0
#include "core/clean_check.h"

#include "git_history.h"

#include <gtest/gtest.h>

namespace lab::core::test {
namespace {

const ExpectedLevels sure{0.02, 0.98, 0};
const ExpectedLevels flaky{0.05, 0.5, 0};
const ExpectedLevels metric{100, 101, 1};

CleanCheck check_of(const ExpectedLevels& levels) {
    return {planned_id(2), planned_id(1), LearnedLevels{levels}, 0.99};
}

TEST(CleanCheck, IsDoneWhenBothSidesBehaveAsBefore) {
    auto check = check_of(sure);
    EXPECT_EQ(check.wanted(0, 0), TaskKind::confirm_bad);
    EXPECT_EQ(check.wanted(1, 0), TaskKind::confirm_parent);

    check.record(TaskKind::confirm_bad, 1);
    EXPECT_FALSE(check.done());
    check.record(TaskKind::confirm_parent, 0);

    EXPECT_TRUE(check.done());
    EXPECT_FALSE(check.wanted(0, 0));
    EXPECT_FALSE(check.contradiction());
    EXPECT_GT(check.chance_bad(TaskKind::confirm_bad), 0.9);
    EXPECT_LT(check.chance_bad(TaskKind::confirm_parent), 0.1);
}

TEST(CleanCheck, RunsOfTheSameArtefactCount) {
    auto check = check_of(sure);

    check.built_same(TaskKind::confirm_bad, std::vector<double>{1}, 1000);
    EXPECT_EQ(check.wanted(0, 0), TaskKind::confirm_parent);
    check.built_same(TaskKind::confirm_parent, std::vector<double>{0, 0}, 1000);

    EXPECT_TRUE(check.done());
    EXPECT_FALSE(check.contradiction());
}

TEST(CleanCheck, SamplesThatHaveChosenThePlaceMustSayMore) {
    const std::vector<double> of_bad{100.5, 101.5, 101.2, 100.7, 101.1, 101.0, 100.9, 101.3};
    std::vector<double> of_parent;
    for (const double value : of_bad) {
        of_parent.push_back(value - 1);
    }
    auto among_few = check_of({100, 101, 0.5});
    auto among_many = check_of({100, 101, 0.5});

    for (auto* check : {&among_few, &among_many}) {
        const std::size_t commits = check == &among_few ? 2 : 1'000'000'000;
        check->built_same(TaskKind::confirm_bad, of_bad, commits);
        EXPECT_FALSE(check->done()) << "one side alone";
        check->built_same(TaskKind::confirm_parent, of_parent, commits);
    }

    EXPECT_TRUE(among_few.done());
    EXPECT_FALSE(among_many.done());
    EXPECT_TRUE(among_many.wanted(0, 0));
}

TEST(CleanCheck, WhatWasSeenAtBothLevelsIsNotPlain) {
    auto check = check_of({100, 200, 1});

    check.built_same(TaskKind::confirm_bad, std::vector<double>{200}, 64);
    check.built_same(TaskKind::confirm_parent, std::vector<double>{100}, 64);
    for (const double of_bad : {200.5, 199.5}) {
        check.record(TaskKind::confirm_bad, of_bad);
        check.record(TaskKind::confirm_parent, of_bad - 0.1);
    }
    EXPECT_FALSE(check.done());
    check.record(TaskKind::confirm_parent, 200.1);

    ASSERT_TRUE(check.contradiction());
    EXPECT_NE(check.contradiction()->find("the parent"), std::string::npos);
}

TEST(CleanCheck, PlainLevelsTakeTwoSamplesOfEachSide) {
    auto check = check_of({100, 200, 1});

    check.record(TaskKind::confirm_bad, 200.5);
    check.record(TaskKind::confirm_parent, 100.5);
    EXPECT_FALSE(check.done());
    check.record(TaskKind::confirm_bad, 199.5);
    check.record(TaskKind::confirm_parent, 99.5);

    EXPECT_TRUE(check.done());
}

TEST(CleanCheck, NeedsMoreThanOneSampleToContradict) {
    auto check = check_of(sure);

    check.record(TaskKind::confirm_bad, 0);
    EXPECT_FALSE(check.contradiction());
    check.record(TaskKind::confirm_bad, 0);

    ASSERT_TRUE(check.contradiction());
    EXPECT_NE(check.contradiction()->find("good from a clean full build (2 samples)"),
              std::string::npos);
}

TEST(CleanCheck, GivesUpOnAFlakySideAfterSomeSamples) {
    auto check = check_of(flaky);
    check.record(TaskKind::confirm_bad, 1);
    unsigned samples = 0;
    while (check.wanted(0, 0)) {
        EXPECT_EQ(check.wanted(0, 0), TaskKind::confirm_parent);
        check.record(TaskKind::confirm_parent, ++samples % 4 == 0 ? 1 : 0);
    }

    EXPECT_LE(samples, 8U);
    EXPECT_TRUE(check.done());
    EXPECT_FALSE(check.contradiction());
}

TEST(CleanCheck, LetsNoOutlierDecide) {
    auto check = check_of(metric);

    check.record(TaskKind::confirm_bad, -1e9);

    EXPECT_FALSE(check.contradiction());
    EXPECT_NEAR(check.chance_bad(TaskKind::confirm_bad), 0.02, 0.001);
}

TEST(CleanCheck, ComparesTheSidesOfAMetric) {
    auto apart = check_of(metric);
    auto alike = check_of(metric);
    unsigned until_apart = 0;
    for (; !apart.done(); ++until_apart) {
        apart.record(TaskKind::confirm_bad, 101 + (until_apart % 2 == 0 ? 0.5 : -0.5));
        apart.record(TaskKind::confirm_parent, 100 + (until_apart % 2 == 0 ? -0.5 : 0.5));
    }
    unsigned until_spent = 0;
    for (; !alike.done() && until_spent < 1000; ++until_spent) {
        alike.record(TaskKind::confirm_bad, 100.5 + (until_spent % 2 == 0 ? 0.5 : -0.5));
        alike.record(TaskKind::confirm_parent, 100.5 + (until_spent % 2 == 0 ? -0.5 : 0.5));
    }

    EXPECT_FALSE(apart.contradiction());
    EXPECT_GE(until_apart, 4U);
    EXPECT_LE(until_apart, 24U);
    ASSERT_TRUE(alike.contradiction());
    EXPECT_NE(alike.contradiction()->find("do not differ clearly"), std::string::npos);
}

TEST(CleanCheck, StandsWithoutAParentButNotWithoutTheCommit) {
    auto check = check_of(sure);
    check.record(TaskKind::confirm_bad, 1);
    check.cannot_judge(TaskKind::confirm_parent, "does not build");
    auto other = check_of(sure);
    other.cannot_judge(TaskKind::confirm_bad, "does not build");

    EXPECT_TRUE(check.done());
    EXPECT_FALSE(check.contradiction());
    EXPECT_NE(check.parent_note()->find(planned_id(1).hex()), std::string::npos);
    EXPECT_TRUE(other.done());
    EXPECT_NE(other.contradiction()->find("could not be confirmed"), std::string::npos);
}

} // namespace
} // namespace lab::core::test
