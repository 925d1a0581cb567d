// SPDX-License-Identifier: Apache-2.0
#include "bisection_driver.h"

#include <gtest/gtest.h>

namespace lab::core::test {
namespace {

const Policy by_command{};
const Policy by_metric{JudgedBy::metric, Direction::higher_is_better};

/// A lab whose command says bad from the K-th commit of a line on.
Laboratory command_lab(const Scene& scene, const CommitId& culprit) {
    return [&scene, culprit](const Task& task) -> Finding {
        return CommandExit{scene.holds(task.commit, culprit) ? 1 : 0};
    };
}

Conclusion conclusion_of(const Scene& scene, const Policy& policy, const Laboratory& laboratory) {
    auto bisection = bisection_of(scene, policy);
    drive(bisection, laboratory);
    return bisection.conclusion().value();
}

/// The lab above, but one commit and kind is answered by `finding`.
Laboratory except(Laboratory usual, const CommitId& commit, TaskKind kind, Finding finding) {
    return [=](const Task& task) {
        return task.commit == commit && task.kind == kind ? finding : usual(task);
    };
}

TEST(Bisection, RefusesARangeThatIsNotBetweenItsEnds) {
    const auto scene = line_of(5);

    EXPECT_FALSE(GitBisection::create({CommitGraph(), scene.good, scene.bad, by_command}));
    EXPECT_FALSE(GitBisection::create({scene.range, scene.good, planned_id(3), by_command}));
    EXPECT_FALSE(GitBisection::create({scene.range, planned_id(3), scene.bad, by_command}));
    const auto wrong =
        GitBisection::create({scene.range, planned_id(3), planned_id(3), {.confidence = 1.5}});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().size(), 3U);
}

TEST(Bisection, SaysGitsSentenceForTheCommitItFound) {
    const auto scene = line_of(20);

    const auto conclusion = conclusion_of(scene, by_command, command_lab(scene, planned_id(13)));

    EXPECT_EQ(conclusion.kind, ConclusionKind::found);
    EXPECT_EQ(conclusion.commit, planned_id(13));
    EXPECT_EQ(conclusion.text, planned_id(13).hex() + " is the first bad commit");
    EXPECT_GT(conclusion.probability, 0.999);
    EXPECT_LT(conclusion.probability, 1);
}

TEST(Bisection, ChecksBothEndsFirstAndBuildsAhead) {
    const auto scene = line_of(63);
    const auto bisection = bisection_of(scene, by_metric);

    const auto tasks = bisection.next({4});

    ASSERT_EQ(tasks.size(), 4U);
    EXPECT_EQ(tasks[0], (Task{scene.good, TaskKind::end_good, BuildKind::any, CheckKind::full, 2}));
    EXPECT_EQ(tasks[1], (Task{scene.bad, TaskKind::end_bad, BuildKind::any, CheckKind::full, 2}));
    EXPECT_EQ(tasks[2],
              (Task{planned_id(31), TaskKind::lookahead, BuildKind::any, CheckKind::none}));
    EXPECT_EQ(tasks[3].kind, TaskKind::lookahead);
    EXPECT_EQ(bisection.next({1}).size(), 1U);
}

TEST(Bisection, BuildsBothSuccessorsOfTheProbeAheadOnce) {
    const auto scene = line_of(63);
    auto bisection = bisection_of(scene, by_command);
    bisection.record({scene.good, TaskKind::end_good, CommandExit{0}});
    bisection.record({scene.bad, TaskKind::end_bad, CommandExit{1}});

    const auto before = bisection.next({9});
    bisection.record({before.at(1).commit, TaskKind::lookahead, Built{}});
    const auto after = bisection.next({9});

    ASSERT_EQ(before.size(), 3U);
    EXPECT_EQ(before[0].commit, planned_id(31));
    EXPECT_EQ(before[1].commit, planned_id(47));
    EXPECT_EQ(before[2].commit, planned_id(15));
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[1].commit, planned_id(15));
}

TEST(Bisection, SkipsWhatFailedToBuildAheadOnlyWhenItIsAskedFor) {
    const auto scene = line_of(63);
    auto bisection = bisection_of(scene, by_command);
    bisection.record({scene.good, TaskKind::end_good, CommandExit{0}});
    bisection.record({scene.bad, TaskKind::end_bad, CommandExit{1}});
    bisection.record({planned_id(47), TaskKind::lookahead, Unbuildable{"no rule"}});
    bisection.record({planned_id(15), TaskKind::lookahead, Unbuildable{"no rule"}});

    bisection.record({planned_id(31), TaskKind::probe, CommandExit{0}});

    const auto trials = bisection.trials();
    ASSERT_EQ(trials.size(), 5U);
    EXPECT_EQ(trials[3].commit, planned_id(47));
    EXPECT_EQ(trials[3].verdict, Verdict::skip);
    EXPECT_FALSE(trials[4].verdict);
    EXPECT_NE(trials[4].commit, planned_id(15));
}

struct ExitCase {
    const char* name;
    int code;
    std::optional<Verdict> verdict; ///< nothing: the bisection stops
};

void PrintTo(const ExitCase& row, std::ostream* out) {
    *out << row.name;
}

class CommandExitCode : public testing::TestWithParam<ExitCase> {};

TEST_P(CommandExitCode, IsReadAsGitBisectRunReadsIt) {
    const auto scene = line_of(63);
    auto bisection = bisection_of(scene, by_command);
    bisection.record({scene.good, TaskKind::end_good, CommandExit{0}});
    bisection.record({scene.bad, TaskKind::end_bad, CommandExit{1}});

    bisection.record({planned_id(31), TaskKind::probe, CommandExit{GetParam().code}});

    EXPECT_EQ(bisection.trials().at(2).verdict, GetParam().verdict);
    EXPECT_EQ(bisection.conclusion().has_value(), !GetParam().verdict);
    if (bisection.conclusion()) {
        EXPECT_EQ(bisection.conclusion()->kind, ConclusionKind::aborted);
        EXPECT_NE(bisection.conclusion()->text.find(std::to_string(GetParam().code)),
                  std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Codes, CommandExitCode,
    testing::Values(ExitCase{"Zero", 0, Verdict::good}, ExitCase{"One", 1, Verdict::bad},
                    ExitCase{"TimeoutOfCoreutils", 124, Verdict::bad},
                    ExitCase{"Skip", 125, Verdict::skip},
                    ExitCase{"NotExecutable", 126, Verdict::bad},
                    ExitCase{"NotFound", 127, Verdict::bad}, ExitCase{"Abort", 128, std::nullopt},
                    ExitCase{"Killed", 137, std::nullopt}, ExitCase{"Largest", 255, std::nullopt},
                    ExitCase{"Negative", -1, std::nullopt}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Bisection, SaysSoWhenTheRegressionDoesNotShow) {
    const auto scene = line_of(9);
    const auto usual = command_lab(scene, planned_id(4));

    const auto good_bad = conclusion_of(
        scene, by_command, except(usual, scene.good, TaskKind::end_good, CommandExit{3}));
    const auto bad_good = conclusion_of(
        scene, by_command, except(usual, scene.bad, TaskKind::end_bad, CommandExit{0}));
    const auto stopped = conclusion_of(
        scene, by_command, except(usual, scene.bad, TaskKind::end_bad, CommandExit{200}));

    EXPECT_EQ(good_bad.kind, ConclusionKind::no_culprit);
    EXPECT_NE(good_bad.text.find("is bad"), std::string::npos);
    EXPECT_EQ(bad_good.kind, ConclusionKind::no_culprit);
    EXPECT_NE(bad_good.text.find("the regression does not show"), std::string::npos);
    EXPECT_EQ(stopped.kind, ConclusionKind::aborted);
}

TEST(Bisection, IsInconclusiveWhenAnEndCannotBeJudged) {
    const auto scene = line_of(9);
    const auto usual = command_lab(scene, planned_id(4));
    const auto kind_of = [&](const CommitId& commit, TaskKind kind, const Finding& finding) {
        return conclusion_of(scene, by_command, except(usual, commit, kind, finding)).kind;
    };

    for (const auto& finding :
         {Finding{Unbuildable{"x"}}, Finding{CheckFailed{"x"}}, Finding{CommandExit{125}}}) {
        EXPECT_EQ(kind_of(scene.good, TaskKind::end_good, finding), ConclusionKind::inconclusive);
        EXPECT_EQ(kind_of(scene.bad, TaskKind::end_bad, finding), ConclusionKind::inconclusive);
    }
    EXPECT_EQ(kind_of(scene.good, TaskKind::end_good, BootFailure{"s", "panic"}),
              ConclusionKind::inconclusive);
}

TEST(Bisection, GivesTheNumbersWhenMeasuredEndsDoNotDiffer) {
    const auto scene = line_of(9);
    double value = 100;
    const auto same = [&](const Task&) -> Finding {
        return Measured{{value += 0.5}};
    };
    const auto better = [&](const Task& task) -> Finding {
        return Measured{{(task.commit == scene.bad ? 200 : 100) + (value += 0.01)}};
    };

    auto bisection = bisection_of(scene, by_metric);
    const auto seen = drive(bisection, same);
    const auto improved = conclusion_of(scene, by_metric, better);

    EXPECT_EQ(seen.size(), 2 * most_samples);
    EXPECT_EQ(bisection.conclusion()->kind, ConclusionKind::no_culprit);
    EXPECT_TRUE(bisection.conclusion()->text.starts_with("the ends do not differ: good 1"));
    EXPECT_EQ(improved.kind, ConclusionKind::no_culprit);
    EXPECT_NE(improved.text.find("the bad end is better"), std::string::npos);
}

TEST(Bisection, TakesTwoSamplesOfClearEndsAndOneOfClearCommits) {
    const auto scene = line_of(20);
    double jitter = 0;
    auto bisection = bisection_of(scene, by_metric);

    const auto seen = drive(bisection, [&](const Task& task) -> Finding {
        jitter = -jitter + 0.001;
        return Measured{{(scene.holds(task.commit, planned_id(7)) ? 50 : 100) + jitter}};
    });

    EXPECT_EQ(bisection.conclusion()->commit, planned_id(7));
    EXPECT_GE(bisection.conclusion()->probability, 0.99);
    for (const auto& trial : bisection.trials()) {
        const bool end = trial.kind == TaskKind::end_good || trial.kind == TaskKind::end_bad;
        EXPECT_EQ(trial.values.size(), end ? 2U : 1U);
    }
    EXPECT_EQ(seen.size(), bisection.trials().size() + 2);
}

TEST(Bisection, TakesFourMoreSamplesOfAnUnclearCommit) {
    const auto scene = line_of(3);
    auto bisection = bisection_of(scene, by_metric);
    for (const auto& [good, bad] : {std::pair{100.0, 50.0}, std::pair{100.1, 50.1}}) {
        bisection.record({scene.good, TaskKind::end_good, Measured{{good}}});
        bisection.record({scene.bad, TaskKind::end_bad, Measured{{bad}}});
    }
    const auto probe = bisection.next({1}).at(0);

    bisection.record({probe.commit, TaskKind::probe, Measured{{75}}});
    const auto more = bisection.next({1}).at(0);
    bisection.record({probe.commit, TaskKind::probe, Measured{{99, 100, 101, 102}}});

    EXPECT_EQ(probe.samples, 1U);
    EXPECT_EQ(more.commit, probe.commit);
    EXPECT_EQ(more.samples, 4U);
    EXPECT_EQ(more.first, 1U);
    EXPECT_EQ(bisection.trials().at(2).values, (std::vector<double>{75, 99, 100, 101, 102}));
    EXPECT_TRUE(bisection.trials().at(2).verdict);
}

TEST(Bisection, LooksForTheFailureOfABadEndThatDoesNotBoot) {
    const auto scene = line_of(30);
    auto bisection = bisection_of(scene, by_metric);

    drive(bisection, [&](const Task& task) -> Finding {
        if (task.commit == planned_id(15) || task.commit == planned_id(16)) {
            return BootFailure{"other", "another panic"};
        }
        if (scene.holds(task.commit, planned_id(22))) {
            return BootFailure{"panic #", "Kernel panic"};
        }
        if (task.check == CheckKind::full) {
            return Measured{{100}};
        }
        return Booted{};
    });

    EXPECT_EQ(bisection.conclusion()->kind, ConclusionKind::found);
    EXPECT_EQ(bisection.conclusion()->commit, planned_id(22));
    const auto trials = bisection.trials();
    const auto skipped = std::find_if(trials.begin(), trials.end(), [](const Trial& trial) {
        return trial.commit == planned_id(15);
    });
    ASSERT_NE(skipped, trials.end());
    EXPECT_EQ(skipped->verdict, Verdict::skip);
    EXPECT_NE(skipped->reason.find("not the failure that is looked for"), std::string::npos);
}

TEST(Bisection, TakesAnyCheckOfABootedMachineAsGoodWhenBootingIsTheQuestion) {
    const auto scene = line_of(30);
    for (const auto& finding : {Finding{Booted{}}, Finding{Measured{{1}}}, Finding{CommandExit{1}},
                                Finding{CommandExit{200}}, Finding{CheckFailed{"x"}}}) {
        auto bisection = bisection_of(scene, by_command);
        bisection.record({scene.bad, TaskKind::end_bad, BootFailure{"s", "hangs"}});
        EXPECT_EQ(bisection.next({1}).at(0).check, CheckKind::boot_only);
        bisection.record({scene.good, TaskKind::end_good, finding});

        bisection.record({bisection.next({1}).at(0).commit, TaskKind::probe, finding});

        EXPECT_EQ(bisection.trials().at(2).verdict, Verdict::good);
    }
}

TEST(Bisection, RefusesASymptomThatTheGoodEndShowsToo) {
    const auto scene = line_of(9);
    auto bisection = bisection_of(scene, by_command);
    bisection.record({scene.bad, TaskKind::end_bad, BootFailure{"s", "hangs"}});

    bisection.record({scene.good, TaskKind::end_good, BootFailure{"s", "hangs"}});

    EXPECT_EQ(bisection.conclusion()->kind, ConclusionKind::no_culprit);
}

TEST(Bisection, ConfirmsTheCommitAndItsParentFromCleanBuilds) {
    const auto scene = line_of(20);
    std::vector<Task> confirmations;
    auto bisection = bisection_of(scene, by_command);

    drive(bisection, [&](const Task& task) -> Finding {
        if (task.kind == TaskKind::confirm_bad || task.kind == TaskKind::confirm_parent) {
            confirmations.push_back(task);
        }
        return command_lab(scene, planned_id(1))(task);
    });

    ASSERT_EQ(confirmations.size(), 2U);
    EXPECT_EQ(confirmations[0].commit, planned_id(1));
    EXPECT_EQ(confirmations[0].build, BuildKind::clean_full);
    EXPECT_EQ(confirmations[1].commit, scene.good); // the parent of the range's oldest commit
    EXPECT_EQ(confirmations[1].build, BuildKind::clean_full);
}

TEST(Bisection, ClaimsNoCommitWhoseVerdictDoesNotReproduce) {
    const auto scene = line_of(20);
    const auto usual = command_lab(scene, planned_id(8));

    const auto bad = conclusion_of(
        scene, by_command, except(usual, planned_id(8), TaskKind::confirm_bad, CommandExit{0}));
    const auto parent = conclusion_of(
        scene, by_command, except(usual, planned_id(7), TaskKind::confirm_parent, CommandExit{1}));
    const auto broken = conclusion_of(
        scene, by_command, except(usual, planned_id(8), TaskKind::confirm_bad, Unbuildable{"x"}));

    EXPECT_EQ(bad.kind, ConclusionKind::inconclusive);
    EXPECT_FALSE(bad.commit);
    EXPECT_NE(bad.text.find(planned_id(8).hex() + " did not reproduce"), std::string::npos);
    EXPECT_NE(bad.text.find("may lack a dependency"), std::string::npos);
    EXPECT_EQ(parent.kind, ConclusionKind::inconclusive);
    EXPECT_NE(parent.text.find("parent " + planned_id(7).hex()), std::string::npos);
    EXPECT_EQ(broken.kind, ConclusionKind::inconclusive);
}

TEST(Bisection, SaysSoWhenOnlyTheParentCannotBeConfirmed) {
    const auto scene = line_of(20);

    const auto conclusion =
        conclusion_of(scene, by_command,
                      except(command_lab(scene, planned_id(8)), planned_id(7),
                             TaskKind::confirm_parent, Unbuildable{"cc: not found\nmore"}));

    EXPECT_EQ(conclusion.kind, ConclusionKind::found);
    ASSERT_EQ(conclusion.notes.size(), 1U);
    EXPECT_NE(conclusion.notes[0].find("does not build: cc: not found more"), std::string::npos);
}

TEST(Bisection, ListsTheSuspectsWhenOnlySkippedCommitsAreLeft) {
    const auto scene = line_of(20);

    const auto conclusion = conclusion_of(scene, by_command, [&](const Task& task) -> Finding {
        if (task.commit == planned_id(9) || task.commit == planned_id(10)) {
            return Unbuildable{"x"};
        }
        return command_lab(scene, planned_id(10))(task);
    });

    EXPECT_EQ(conclusion.kind, ConclusionKind::found_with_skips);
    EXPECT_EQ(conclusion.suspects.size(), 3U);
    for (const auto number : {9U, 10U, 11U}) {
        EXPECT_EQ(suspected(conclusion, planned_id(number)), 1);
    }
    EXPECT_TRUE(conclusion.text.starts_with("There are only 'skip'ped commits left to test.\n"
                                            "The first bad commit could be any of:\n"));
    EXPECT_TRUE(conclusion.text.ends_with("We cannot bisect more!"));
}

TEST(Bisection, LeavesOutWhatIsSaidOrCannotMatter) {
    const auto scene = line_of(63);
    auto bisection = bisection_of(scene, by_command);
    bisection.record({planned_id(50), TaskKind::probe, Said{Verdict::bad, "panic"}});
    bisection.record({planned_id(10), TaskKind::probe, Said{Verdict::good}});
    CannotMatter dropped;
    for (std::uint32_t number = 20; number < 40; ++number) {
        dropped.commits.push_back(planned_id(number));
    }
    bisection.record({scene.bad, TaskKind::end_bad, dropped});

    const auto seen = drive(bisection, command_lab(scene, planned_id(44)));

    EXPECT_EQ(bisection.conclusion()->commit, planned_id(44));
    EXPECT_LE(seen.size(), 9U);
    for (const auto& observation : seen) {
        const bool probe = observation.kind == TaskKind::probe;
        EXPECT_FALSE(probe && std::count(dropped.commits.begin(), dropped.commits.end(),
                                         observation.commit) > 0);
        EXPECT_FALSE(probe && observation.commit == planned_id(50));
    }
    EXPECT_EQ(bisection.trials().at(2).reason, "panic");
    EXPECT_EQ(bisection.trials().at(3).reason, "said, not tried");
}

TEST(Bisection, GivesACommitThatBuildsTheSameTheSameVerdict) {
    const auto scene = line_of(63);
    auto bisection = bisection_of(scene, by_command);
    bisection.record({scene.good, TaskKind::end_good, CommandExit{0}, 0, "old"});
    bisection.record({scene.bad, TaskKind::end_bad, CommandExit{1}, 0, "new"});

    bisection.record({planned_id(31), TaskKind::probe, Built{}, 0, "old"});

    const auto trial = bisection.trials().at(2);
    EXPECT_EQ(trial.verdict, Verdict::good);
    EXPECT_EQ(trial.reason, "builds the same as " + scene.good.abbreviated());
    EXPECT_EQ(bisection.next({1}).at(0).commit, planned_id(47));
}

TEST(Bisection, IgnoresWhatNobodyWaitsFor) {
    const auto scene = line_of(20);
    auto bisection = bisection_of(scene, by_command);
    const auto before = snapshot(bisection);

    bisection.record({planned_id(5), TaskKind::probe, CommandExit{1}});
    bisection.record({planned_id(5), TaskKind::confirm_bad, CommandExit{1}});
    bisection.record({planned_id(5), TaskKind::end_good, CommandExit{1}});
    bisection.record({planned_id(777), TaskKind::lookahead, Built{}});

    EXPECT_EQ(snapshot(bisection), before);
}

} // namespace
} // namespace lab::core::test
