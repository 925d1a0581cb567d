// SPDX-License-Identifier: Apache-2.0
// What whole bisections take where the answer is plain: samples and builds, with one worker and
// with several whose tasks end at different times.
#include "bisection_driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

namespace lab::core::test {
namespace {

constexpr double build_time = 20;

struct Effort {
    std::size_t samples = 0;
    std::size_t of_ends = 0;
    std::size_t of_clean_builds = 0;
    std::size_t builds = 0;
    double time = 0;
};

/// Workers that build, then test; the clock is made up.
class Workers {
public:
    /// What a task's build gives; empty = not known.
    using Artefacts = std::function<std::string(const Task&)>;

    Workers(
        Bisection& bisection, std::size_t count, double test_time,
        Artefacts artefacts = [](const Task&) { return std::string(); })
        : bisection_(bisection), capacity_{count}, test_time_(test_time),
          artefacts_(std::move(artefacts)) {
        capacity_.costs.sample = test_time;
        capacity_.costs.build = [this](const CommitId& commit) {
            const auto found = built_.find({commit, BuildKind::any});
            return found != built_.end() && found->second <= effort_.time ? 0.0 : build_time;
        };
    }

    Effort run(const Laboratory& laboratory) {
        while (!bisection_.conclusion()) {
            schedule();
            if (active_.empty() || effort_.samples > 500) {
                ADD_FAILURE() << "no end in sight";
                break;
            }
            const auto first =
                std::min_element(active_.begin(), active_.end(),
                                 [](const Active& a, const Active& b) { return a.ends < b.ends; });
            const auto done = *first;
            active_.erase(first);
            effort_.time = done.ends;
            const bool only_built = done.task.check == CheckKind::none;
            if (!only_built) {
                ++effort_.samples;
                effort_.of_ends += is_end(done.task.kind) ? 1 : 0;
                effort_.of_clean_builds += is_confirmation(done.task.kind) ? 1 : 0;
            }
            bisection_.record({done.task.commit, done.task.kind,
                               only_built ? Finding(Built{}) : laboratory(done.task),
                               done.task.first, artefacts_(done.task)});
        }
        return effort_;
    }

private:
    struct Active {
        Task task;
        double ends = 0;
    };

    void schedule() {
        capacity_.under_way.clear();
        for (const auto& active : active_) {
            capacity_.under_way.push_back(active.task);
        }
        const auto wanted = bisection_.next(capacity_);
        std::erase_if(active_, [&](const Active& active) {
            return std::none_of(wanted.begin(), wanted.end(), [&](const Task& task) {
                return task.commit == active.task.commit;
            });
        });
        for (const auto& task : wanted) {
            const bool goes_on =
                std::any_of(active_.begin(), active_.end(),
                            [&](const Active& active) { return active.task == task; });
            if (!goes_on) {
                start(task);
            }
        }
    }

    void start(const Task& task) {
        const auto [built, fresh] =
            built_.try_emplace({task.commit, task.build}, effort_.time + build_time);
        effort_.builds += fresh ? 1 : 0;
        const double test = task.check == CheckKind::none ? 0 : test_time_;
        active_.push_back({task, std::max(effort_.time, built->second) + test});
    }

    Bisection& bisection_;
    Capacity capacity_;
    double test_time_;
    Artefacts artefacts_;
    Effort effort_;
    std::vector<Active> active_;
    std::map<std::pair<CommitId, BuildKind>, double> built_;
};

/// A metric that repeats to 0.005 % and rises by half at the culprit; a fixed seed.
Laboratory quiet_lab(const Scene& scene, const CommitId& culprit) {
    auto random = std::make_shared<std::mt19937>(1);
    return [&scene, culprit, random](const Task& task) -> Finding {
        std::normal_distribution<double> noise(1, 0.00005);
        return Measured{{(scene.holds(task.commit, culprit) ? 6708.5 : 4472.3) * noise(*random)}};
    };
}

TEST(BisectionEffort, AMetricThatRepeatsTakesSixteenSamplesOf64CommitsAtMost) {
    const auto scene = line_of(64);
    for (std::size_t number = 1; number <= 64; ++number) {
        for (const std::size_t workers : {1, 2}) {
            for (const double test_time : {1.0, 6.0, 20.0}) {
                SCOPED_TRACE(testing::Message() << "culprit " << number << ", " << workers
                                                << " workers, a test takes " << test_time);
                auto bisection =
                    bayes_of(scene, Policy{JudgedBy::metric, Direction::lower_is_better});

                const auto effort = Workers(bisection, workers, test_time)
                                        .run(quiet_lab(scene, planned_id(number)));

                EXPECT_EQ(bisection.conclusion().value().commit, planned_id(number));
                EXPECT_LE(effort.samples, 16U);
                EXPECT_EQ(effort.of_ends, 4U);
            }
        }
    }
}

TEST(BisectionEffort, TwoWorkersTakeLessTimeThanOne) {
    const auto scene = line_of(256);
    double one = 0;
    double two = 0;
    for (std::size_t number = 1; number <= 256; number += 17) {
        for (const std::size_t workers : {1, 2}) {
            auto bisection = bayes_of(scene, Policy{JudgedBy::metric, Direction::lower_is_better});
            const auto effort =
                Workers(bisection, workers, 6).run(quiet_lab(scene, planned_id(number)));
            (workers == 1 ? one : two) += effort.time;
        }
    }

    EXPECT_LE(two, 0.75 * one);
}

std::string of_commit(const Task& task) {
    return task.commit.hex();
}

std::string of_commit_and_build(const Task& task) {
    return task.commit.hex() + (task.build == BuildKind::clean_full ? " clean" : "");
}

TEST(BisectionEffort, CleanBuildsThatGiveTheSameArtefactAreNotTestedAgain) {
    const auto scene = line_of(64);
    for (const std::size_t workers : {1, 2}) {
        SCOPED_TRACE(workers);
        auto bisection = bayes_of(scene, Policy{});
        const auto sure = [&](const Task& task) -> Finding {
            return CommandExit{scene.holds(task.commit, planned_id(23)) ? 1 : 0};
        };

        const auto effort = Workers(bisection, workers, 6, of_commit).run(sure);

        EXPECT_EQ(bisection.conclusion().value().commit, planned_id(23));
        EXPECT_EQ(effort.of_clean_builds, 0U);
        const auto rows = bisection.trials();
        const auto row = std::find_if(rows.begin(), rows.end(), [](const Trial& trial) {
            return trial.kind == TaskKind::confirm_bad;
        });
        ASSERT_NE(row, rows.end());
        EXPECT_EQ(row->verdict, Verdict::bad);
        EXPECT_EQ(row->reason.find("its clean build is the artefact that was tried"), 0U);
    }
}

TEST(BisectionEffort, WhatASingleSampleHasShownIsTriedAsOftenAsAnywhere) {
    const auto scene = line_of(64);
    auto bisection = bayes_of(scene, Policy{JudgedBy::metric, Direction::lower_is_better});

    const auto effort = Workers(bisection, 1, 6, of_commit).run(quiet_lab(scene, planned_id(23)));

    EXPECT_EQ(bisection.conclusion().value().commit, planned_id(23));
    EXPECT_EQ(effort.of_clean_builds, 4U);
}

TEST(BisectionEffort, CleanBuildsThatGiveAnotherArtefactAreTested) {
    const auto scene = line_of(64);
    auto bisection = bayes_of(scene, Policy{JudgedBy::metric, Direction::lower_is_better});

    const auto effort =
        Workers(bisection, 2, 6, of_commit_and_build).run(quiet_lab(scene, planned_id(23)));

    EXPECT_EQ(bisection.conclusion().value().commit, planned_id(23));
    EXPECT_EQ(effort.of_clean_builds, 4U);
}

/// An incremental build that was wrong: the clean one is another artefact, and passes.
TEST(BisectionEffort, AWrongIncrementalBuildIsFoundOut) {
    const auto scene = line_of(64);
    auto bisection = bayes_of(scene, Policy{});
    const auto lab = [&](const Task& task) -> Finding {
        const bool clean = task.build == BuildKind::clean_full;
        return CommandExit{!clean && scene.holds(task.commit, planned_id(23)) ? 1 : 0};
    };

    Workers(bisection, 2, 6, of_commit_and_build).run(lab);

    EXPECT_EQ(bisection.conclusion().value().kind, ConclusionKind::inconclusive);
}

} // namespace
} // namespace lab::core::test
