// SPDX-License-Identifier: Apache-2.0
#include "bisection_driver.h"

#include "core/bisect_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

namespace lab::core::test {

bool Scene::holds(const CommitId& commit, const CommitId& culprit) const {
    if (!range.contains(commit)) {
        return false;
    }
    std::vector<CommitIndex> waiting{range.index_of(commit)};
    std::vector<char> seen(range.size(), 0);
    while (!waiting.empty()) {
        const auto index = waiting.back();
        waiting.pop_back();
        if (seen[index] != 0) {
            continue;
        }
        seen[index] = 1;
        if (range.nodes()[index].id == culprit) {
            return true;
        }
        const auto& parents = range.nodes()[index].parents;
        waiting.insert(waiting.end(), parents.begin(), parents.end());
    }
    return false;
}

Scene scene_of(const HistoryShape& shape) {
    auto range = range_of(plan_history(shape));
    const auto bad = range.nodes().front().id;
    return Scene{std::move(range), planned_id(0), bad};
}

Scene line_of(std::size_t commits) {
    return scene_of({.seed = 1, .commits = commits + 1, .merge_share = 0, .fork_share = 0});
}

GitBisection bisection_of(const Scene& scene, const Policy& policy) {
    return value_or_throw(GitBisection::create({scene.range, scene.good, scene.bad, policy}));
}

BayesBisection bayes_of(const Scene& scene, const Policy& policy) {
    return value_or_throw(BayesBisection::create({scene.range, scene.good, scene.bad, policy}));
}

std::vector<Observation> drive(Bisection& bisection, const Laboratory& laboratory) {
    std::vector<Observation> done;
    while (!bisection.conclusion()) {
        const auto tasks = bisection.next({1});
        if (tasks.size() != 1 || done.size() > 1000) {
            ADD_FAILURE() << "the bisection does not come to an end";
            return done;
        }
        done.push_back({tasks[0].commit, tasks[0].kind, laboratory(tasks[0]), tasks[0].first});
        bisection.record(done.back());
    }
    return done;
}

Laboratory flaky_lab(const Scene& scene, const CommitId& culprit, double good_fails,
                     double bad_passes, std::uint32_t seed) {
    auto random = std::make_shared<std::mt19937>(seed);
    return [&scene, culprit, good_fails, bad_passes, random](const Task& task) -> Finding {
        const bool bad = scene.holds(task.commit, culprit);
        std::bernoulli_distribution fails(bad ? 1 - bad_passes : good_fails);
        return CommandExit{fails(*random) ? 1 : 0};
    };
}

Laboratory sure_lab(const Scene& scene, const CommitId& culprit) {
    return flaky_lab(scene, culprit, 0, 0, 1);
}

Laboratory except(Laboratory usual, const CommitId& commit, TaskKind kind, Finding finding) {
    return [=](const Task& task) {
        return task.commit == commit && task.kind == kind ? finding : usual(task);
    };
}

Conclusion conclusion_by_chances(const Scene& scene, const Policy& policy,
                                 const Laboratory& laboratory) {
    auto bisection = bayes_of(scene, policy);
    drive(bisection, laboratory);
    return bisection.conclusion().value();
}

std::ptrdiff_t suspected(const Conclusion& conclusion, const CommitId& commit) {
    return std::count_if(conclusion.suspects.begin(), conclusion.suspects.end(),
                         [&](const Suspect& suspect) { return suspect.commit == commit; });
}

std::string snapshot(const Bisection& bisection) {
    std::ostringstream text;
    for (const auto& task : bisection.next({10})) {
        text << "task " << task.commit.hex() << ' ' << to_string(task.kind) << ' '
             << static_cast<int>(task.build) << static_cast<int>(task.check) << ' ' << task.samples
             << ' ' << task.first << '\n';
    }
    for (const auto& trial : bisection.trials()) {
        text << "trial " << trial.commit.hex() << ' ' << to_string(trial.kind) << ' '
             << (trial.verdict ? to_string(*trial.verdict) : "-") << ' ' << trial.values.size()
             << ' ' << trial.error << ' ' << trial.reason << '\n';
    }
    if (const auto progress = bisection.progress()) {
        text << "left " << progress->revisions_left << " steps " << progress->steps << '\n';
    }
    if (const auto& conclusion = bisection.conclusion()) {
        text << to_string(conclusion->kind) << ' ' << conclusion->probability << ' '
             << conclusion->text << '\n';
    }
    return text.str();
}

} // namespace lab::core::test
