// SPDX-License-Identifier: Apache-2.0
// Properties of whole bisections on made-up histories and labs.
#include "bisection_driver.h"
#include "core/bisect_log.h"

#include "base/files.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace lab::core::test {
namespace {

HistoryShape small_shape(std::uint32_t seed) {
    return {.seed = seed, .commits = 4 + seed % 20, .merge_share = 0.15};
}

TEST(BisectionSimulation, FindsEveryCulpritOfRandomHistories) {
    for (std::uint32_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto scene = scene_of(small_shape(seed));
        std::mt19937 random(seed);
        std::set<CommitId> broken;
        for (const auto& node : scene.range.nodes()) {
            if (node.id != scene.bad && random() % 10 < seed % 4) {
                broken.insert(node.id);
            }
        }
        for (const auto& culprit : scene.range.nodes()) {
            auto bisection = bisection_of(scene, Policy{});
            drive(bisection, [&](const Task& task) -> Finding {
                if (broken.contains(task.commit)) {
                    return Unbuildable{"broken"};
                }
                return CommandExit{scene.holds(task.commit, culprit.id) ? 1 : 0};
            });

            const auto& conclusion = bisection.conclusion().value();
            if (conclusion.kind == ConclusionKind::found) {
                ASSERT_EQ(conclusion.commit, culprit.id);
            } else {
                ASSERT_EQ(conclusion.kind, ConclusionKind::found_with_skips);
                ASSERT_FALSE(broken.empty());
                ASSERT_EQ(suspected(conclusion, culprit.id), 1);
            }
        }
    }
}

/// A lab whose metric is noisy, some of whose commits do not build or boot.
Laboratory noisy_lab(const Scene& scene, const CommitId& culprit, std::uint32_t seed,
                     double spread) {
    auto random = std::make_shared<std::mt19937>(seed);
    return [&scene, culprit, random, spread](const Task& task) -> Finding {
        std::normal_distribution<double> noise(0, spread);
        const auto scrambled = std::hash<CommitId>{}(task.commit) % 20;
        const bool inner = task.kind == TaskKind::probe;
        if (inner && scrambled == 0) {
            return Unbuildable{"broken"};
        }
        if (inner && scrambled == 1) {
            return BootFailure{"panic", "Kernel panic"};
        }
        return Measured{{(scene.holds(task.commit, culprit) ? 66.7 : 100) + noise(*random)}};
    };
}

/// The fold: replaying any prefix of the observations gives the state there was.
TEST(BisectionSimulation, ReplayOfEveryPrefixGivesTheSameState) {
    for (std::uint32_t seed = 1; seed <= 15; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto scene = scene_of(small_shape(seed));
        const auto culprit = scene.range.nodes()[seed % scene.range.size()].id;
        const Policy policy{JudgedBy::metric, Direction::higher_is_better};
        auto bisection = bisection_of(scene, policy);
        std::vector<std::string> states{snapshot(bisection)};
        const auto lab = noisy_lab(scene, culprit, seed, 6);
        std::vector<Observation> seen;
        while (!bisection.conclusion()) {
            const auto task = bisection.next({1}).at(0);
            seen.push_back({task.commit, task.kind, lab(task), task.first});
            bisection.record(seen.back());
            states.push_back(snapshot(bisection));
        }

        auto replayed = bisection_of(scene, policy);
        for (std::size_t i = 0; i < seen.size(); ++i) {
            ASSERT_EQ(snapshot(replayed), states[i]);
            replayed.record(seen[i]);
        }
        EXPECT_EQ(snapshot(replayed), states.back());
    }
}

/// Ends answered in the other order, as two machines at once may: same answer.
TEST(BisectionSimulation, DoesNotDependOnWhichEndAnswersFirst) {
    const auto scene = line_of(40);
    for (const double gap : {1.0, 30.0}) {
        auto one = bisection_of(scene, Policy{JudgedBy::metric, Direction::lower_is_better});
        auto other = one;
        for (int i = 0; i < 5 && !one.conclusion(); ++i) {
            const Observation good{scene.good, TaskKind::end_good, Measured{{10.0 + i}}};
            const Observation bad{scene.bad, TaskKind::end_bad, Measured{{10.0 + i + gap}}};
            one.record(good);
            one.record(bad);
            other.record(bad);
            other.record(good);
            ASSERT_EQ(snapshot(one), snapshot(other));
        }
    }
}

struct Share {
    int found = 0;
    int wrong = 0;
    int undecided = 0;
    double stated = 0;
    std::size_t observations = 0;
};

Share simulate(double spread, int rounds) {
    Share share;
    const auto scene = line_of(64);
    for (int round = 0; round < rounds; ++round) {
        const auto seed = static_cast<std::uint32_t>(round);
        const auto culprit = planned_id(1 + seed * 7 % 64);
        auto bisection = bisection_of(scene, Policy{JudgedBy::metric, Direction::higher_is_better});
        share.observations += drive(bisection, noisy_lab(scene, culprit, seed, spread)).size();
        const auto& conclusion = bisection.conclusion().value();
        const bool among = suspected(conclusion, culprit) == 1;
        if (conclusion.commit == culprit || among) {
            ++share.found;
            share.stated += conclusion.probability;
        } else if (conclusion.commit || !conclusion.suspects.empty()) {
            ++share.wrong;
            share.stated += conclusion.probability;
        } else {
            ++share.undecided;
        }
    }
    std::printf("spread %.1f of level 100, slowdown 33: right %d, wrong %d, undecided %d, stated "
                "%.4f, %.1f observations\n",
                spread, share.found, share.wrong, share.undecided,
                share.stated / (share.found + share.wrong),
                static_cast<double>(share.observations) / rounds);
    return share;
}

TEST(BisectionSimulation, IsRightWithAQuietMetric) {
    const auto share = simulate(0.1, 100);

    EXPECT_EQ(share.found, 100);
    EXPECT_GT(share.stated / 100, 0.99);
}

TEST(BisectionSimulation, KeepsItsWordWithANoisyMetric) {
    const auto share = simulate(7, 300);

    const double right = static_cast<double>(share.found) / (share.found + share.wrong);
    EXPECT_GE(right, 0.97);
    EXPECT_GE(right, share.stated / (share.found + share.wrong) - 0.02);
    EXPECT_LE(share.undecided, 60);
}

TEST(BisectLog, ReplaysInGit) {
    const GitHistory history(plan_history({.seed = 77, .commits = 40, .merge_share = 0.15}));
    const Scene scene{history.range(), history.good(), history.bad()};
    for (const bool broken : {false, true}) {
        auto bisection = bisection_of(scene, Policy{});
        const auto culprit = scene.range.nodes()[11].id;
        drive(bisection, [&](const Task& task) -> Finding {
            if (broken && task.kind == TaskKind::probe && task.commit.hex()[0] < '8') {
                return Unbuildable{"broken"};
            }
            return CommandExit{scene.holds(task.commit, culprit) ? 1 : 0};
        });
        const LogContext context{scene.good, scene.bad, [](const CommitId&) {
                                     return std::string("evil\ngit bisect reset\x1b[2J");
                                 }};

        const auto log = git_bisect_log(bisection, context);
        write_file(history.path() / "lab.log", log);
        const auto replayed = history.shell("git bisect replay lab.log >out 2>&1; echo $?; "
                                            "cat out; git bisect log; git bisect reset");

        const auto& conclusion = bisection.conclusion().value();
        EXPECT_EQ(log.find("\ngit bisect reset"), std::string::npos);
        EXPECT_EQ(log.find('\x1b'), std::string::npos);
        EXPECT_NE(replayed.find(conclusion.text), std::string::npos) << replayed;
        const char* comment = broken ? "# possible first bad commit: [" : "# first bad commit: [";
        EXPECT_NE(log.find(comment), std::string::npos);
        EXPECT_NE(replayed.find(comment), std::string::npos) << replayed;
    }
}

} // namespace
} // namespace lab::core::test
