// SPDX-License-Identifier: Apache-2.0
#include "core/blockers.h"

#include "bisection_driver.h"

#include <gtest/gtest.h>

namespace lab::core::test {
namespace {

Trial skipped(std::size_t number, const std::string& cause) {
    Trial trial{planned_id(number)};
    decide(trial, Verdict::skip, "the command ended with exit code 125: " + cause);
    trial.cause = cause;
    return trial;
}

TEST(Blockers, AreGroupedByTheirFirstError) {
    const auto scene = line_of(60);
    const std::vector<Trial> trials{
        skipped(30, "a.c:4: error: no member frob"),
        skipped(45, "fatal error: quux.h: missing"),
        skipped(26, "a.c:1: error: no member frob"),
        skipped(34, "a.c:7: error: no member frob"),
        Trial{planned_id(31)},
    };

    const auto blockers = blockers_of(scene.range, trials);

    ASSERT_EQ(blockers.size(), 2U);
    EXPECT_EQ(blockers[0],
              (Blocker{"a.c:1: error: no member frob", 3, planned_id(26), planned_id(34), 5}));
    EXPECT_EQ(to_string(blockers[0]), "3 x a.c:1: error: no member frob (" +
                                          planned_id(26).abbreviated() + ".." +
                                          planned_id(34).abbreviated() + ", 5 between not tried)");
    EXPECT_EQ(to_string(blockers[1]),
              "1 x fatal error: quux.h: missing (" + planned_id(45).abbreviated() + ")");
}

struct StrategyCase {
    Strategy strategy;
};

void PrintTo(const StrategyCase& row, std::ostream* out) {
    *out << to_string(row.strategy);
}

class WhereNothingBuilds : public testing::TestWithParam<StrategyCase> {};

TEST_P(WhereNothingBuilds, IsSaidAsThat) {
    const auto scene = line_of(43);
    Policy policy;
    policy.strategy = GetParam().strategy;
    const auto bisection =
        value_or_throw(create_bisection({scene.range, scene.good, scene.bad, policy}));

    drive(*bisection, [&](const Task& task) -> Finding {
        if (task.commit == scene.good || task.commit == scene.bad) {
            return CommandExit{task.commit == scene.bad ? 1 : 0};
        }
        return CommandExit{125, "a.c:3: error: no member frob"};
    });

    const auto& conclusion = *bisection->conclusion();
    EXPECT_EQ(conclusion.kind, ConclusionKind::found_with_skips);
    EXPECT_EQ(conclusion.text.substr(0, conclusion.text.find('\n')),
              "cannot be tested: 42 of 42 do not build");
    EXPECT_EQ(blockers_of(scene.range, bisection->trials()).front().reason,
              "a.c:3: error: no member frob");
}

INSTANTIATE_TEST_SUITE_P(Strategies, WhereNothingBuilds,
                         testing::Values(StrategyCase{Strategy::bayes},
                                         StrategyCase{Strategy::git}));

} // namespace
} // namespace lab::core::test
