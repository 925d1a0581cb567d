// SPDX-License-Identifier: Apache-2.0
// Bisections by chances that end at their ends.
#include "bisection_driver.h"
#include "core/numbers.h"

#include <gtest/gtest.h>

namespace lab::core::test {
namespace {

const Policy by_command{};
const Policy by_metric{JudgedBy::metric, Direction::higher_is_better};

TEST(BisectionEnds, SaysSoWhenTheRegressionDoesNotReproduce) {
    const auto scene = line_of(40);

    const auto same = conclusion_by_chances(scene, by_command,
                                            [](const Task&) -> Finding { return CommandExit{0}; });
    double value = 100;
    const auto better = conclusion_by_chances(scene, by_metric, [&](const Task& task) -> Finding {
        return Measured{{(task.commit == scene.bad ? 200 : 100) + (value += 0.01)}};
    });

    EXPECT_EQ(same.kind, ConclusionKind::no_culprit);
    EXPECT_NE(same.text.find("the regression does not reproduce: good end failed"),
              std::string::npos);
    EXPECT_EQ(better.kind, ConclusionKind::no_culprit);
    EXPECT_NE(better.text.find("the bad end is better"), std::string::npos) << better.text;
}

TEST(BisectionEnds, SaysWhichFailureRateTheEndsExclude) {
    const auto scene = line_of(20);
    auto bisection = bayes_of(scene, by_command);

    drive(bisection, [](const Task&) -> Finding { return CommandExit{0}; });

    const auto runs = static_cast<double>(bisection.trials()[1].runs);
    const auto& text = bisection.conclusion()->text;
    const auto rate = per_cent(1 - std::pow(0.01, 1 / runs));
    EXPECT_NE(text.find("above " + rate + " is excluded with 99 %, a rarer one is not"),
              std::string::npos)
        << text;
}

TEST(BisectionEnds, SaysInItsOwnWordsThatTheEndsAreTurnedRound) {
    const auto scene = line_of(20);
    Policy policy;
    policy.terms = {"broken", "fixed"};

    const auto conclusion = conclusion_by_chances(scene, policy, [&](const Task& task) -> Finding {
        return CommandExit{task.commit == scene.bad ? 0 : 1};
    });

    EXPECT_EQ(conclusion.kind, ConclusionKind::no_culprit);
    EXPECT_NE(conclusion.text.find("the broken end is not broken: broken end failed"),
              std::string::npos)
        << conclusion.text;
    EXPECT_NE(conclusion.text.find("exit code 0 says broken"), std::string::npos);
    EXPECT_EQ(conclusion.text.find("good"), std::string::npos);
}

TEST(BisectionEnds, SaysThatBothEndsFailAlike) {
    const auto scene = line_of(40);

    const auto conclusion = conclusion_by_chances(scene, by_command, [](const Task&) -> Finding {
        return CommandExit{127, "t.sh: 1: frob: not found"};
    });

    EXPECT_EQ(conclusion.kind, ConclusionKind::no_culprit);
    EXPECT_NE(conclusion.text.find("both ends fail alike: the command ended with exit code 127: "
                                   "t.sh: 1: frob: not found"),
              std::string::npos)
        << conclusion.text;
    EXPECT_EQ(conclusion.text.find("wrong way round"), std::string::npos);
}

TEST(BisectionEnds, SaysThatBothEndsGoDownAlike) {
    const auto scene = line_of(40);
    auto bisection = bayes_of(scene, by_metric);

    drive(bisection, [](const Task&) -> Finding { return BootFailure{"silent", "no console"}; });

    ASSERT_TRUE(bisection.conclusion());
    EXPECT_EQ(bisection.conclusion()->kind, ConclusionKind::no_culprit);
    EXPECT_NE(bisection.conclusion()->text.find("the good end is not good"), std::string::npos);
    EXPECT_EQ(bisection.trials()[0].verdict, Verdict::bad);
    EXPECT_EQ(bisection.trials()[0].reason, "7 of 7 runs failed");
    EXPECT_EQ(bisection.trials()[1].verdict, Verdict::bad);
}

TEST(BisectionEnds, SaysEarlyThatTheEndsLookAlike) {
    const auto scene = line_of(40);
    auto bisection = bayes_of(scene, by_command);
    std::size_t runs = 0;
    std::size_t said = 0;

    drive(bisection, [&](const Task&) -> Finding {
        ++runs;
        const auto progress = bisection.progress();
        if (said == 0 && progress &&
            progress->text.find("then there is nothing to bisect") != std::string::npos) {
            said = runs;
        }
        return CommandExit{0};
    });

    EXPECT_GT(said, 0U);
    EXPECT_LT(said, runs / 2);
}

TEST(BisectionEnds, IsInconclusiveWhenAnEndCannotBeJudged) {
    const auto scene = line_of(9);
    const auto usual = sure_lab(scene, planned_id(4));
    for (const auto& finding :
         {Finding{Unbuildable{"x"}}, Finding{CheckFailed{"x"}}, Finding{CommandExit{125}}}) {
        for (const auto& [end, kind] :
             {std::pair(scene.good, TaskKind::end_good), std::pair(scene.bad, TaskKind::end_bad)}) {
            const auto conclusion =
                conclusion_by_chances(scene, by_command, except(usual, end, kind, finding));
            EXPECT_EQ(conclusion.kind, ConclusionKind::inconclusive);
            EXPECT_NE(conclusion.text.find(end.hex()), std::string::npos);
        }
    }
}

} // namespace
} // namespace lab::core::test
