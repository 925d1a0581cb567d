// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulation.h"

#include "core/ancestor_sums.h"
#include "core/bisection.h"
#include "tests/bench/histories.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <set>

namespace lab::bench {
namespace {

using core::CommitId;
using core::CommitIndex;

/// A range with its culprits, and a test that answers as the cell says.
class World {
public:
    World(const Cell& cell, std::uint32_t seed)
        : cell_(cell), random_(seed), range_(make_history({cell.commits, cell.merge_share, seed})),
          skipped_(range_.size(), 0) {
        std::uniform_int_distribution<std::size_t> any(0, range_.size() - 1);
        while (culprits_.size() < static_cast<std::size_t>(cell.culprits)) {
            culprits_.insert(static_cast<CommitIndex>(any(random_)));
        }
        for (const auto culprit : culprits_) {
            behind_.push_back(descendants(culprit));
        }
        std::uniform_real_distribution<double> chance(0, 1);
        for (std::size_t i = 1; i < range_.size(); ++i) { // skips come in stretches of four
            const bool goes_on = i % 4 != 1 && skipped_[i - 1] != 0;
            const bool starts = i % 4 == 1 && chance(random_) < cell.skip_share;
            skipped_[i] = goes_on || starts ? 1 : 0;
        }
        break_commits();
    }

    [[nodiscard]] const core::CommitGraph& range() const { return range_; }

    [[nodiscard]] core::Outcome test(const CommitId& commit) {
        int culprits = 0;
        if (commit != made_up_id(0)) {
            const auto index = range_.index_of(commit);
            if (skipped_[index] != 0) {
                return core::Skipped{"reason " + std::to_string(skipped_[index])};
            }
            for (const auto& behind : behind_) {
                culprits += behind[index];
            }
        }
        const double badness =
            cell_.culprits == 0 ? 0 : static_cast<double>(culprits) / cell_.culprits;
        if (cell_.step > 0) {
            const bool is_outlier = chance() < cell_.outliers;
            const bool is_mistaken = cell_.mistaken > 0 && chance() < cell_.mistaken;
            const bool is_first = firsts_.insert(commit).second;
            const double level = cell_.step * (is_mistaken ? 1 - badness : badness);
            return core::Sampled{with_noise(level, is_first) + (is_outlier ? 20 : 0)};
        }
        const double rate = cell_.good_fails + badness * (1 - cell_.bad_passes - cell_.good_fails);
        return chance() < rate ? core::Outcome(core::Failed{}) : core::Outcome(core::Passed{});
    }

    [[nodiscard]] bool is_right(core::ConclusionKind kind,
                                const std::vector<core::Suspect>& suspects) const {
        if (culprits_.empty()) {
            return kind == core::ConclusionKind::no_culprit;
        }
        return std::any_of(suspects.begin(), suspects.end(), [&](const core::Suspect& suspect) {
            return culprits_.contains(range_.index_of(suspect.commit));
        });
    }

private:
    /// Marks `count` commits in a row, from anywhere on.
    void break_block(std::size_t count, char reason) {
        const auto first = 1 + random_() % (range_.size() - 1 - count);
        std::fill_n(skipped_.begin() + static_cast<std::ptrdiff_t>(first), count, reason);
    }

    void break_commits() {
        const auto size = range_.size();
        switch (cell_.broken) {
        case Cell::Broken::block:
            break_block(size * 3 / 10, 1);
            break;
        case Cell::Broken::three_blocks:
            for (const char reason : {char{1}, char{2}, char{3}}) {
                break_block(size / 10, reason);
            }
            break;
        case Cell::Broken::scattered:
            for (std::size_t i = 1; i < size; ++i) {
                skipped_[i] = chance() < 0.2 ? static_cast<char>(1 + i % 100) : 0;
            }
            break;
        case Cell::Broken::all:
            std::fill(skipped_.begin() + 1, skipped_.end(), 1);
            break;
        case Cell::Broken::nothing:
            break;
        }
    }

    double with_noise(double level, bool is_first) {
        std::normal_distribution<double> normal(0, 1);
        switch (cell_.noise) {
        case Cell::Noise::two_modes:
            return (chance() < 0.3 + 0.4 * level / cell_.step ? cell_.step : 0) + normal(random_);
        case Cell::Noise::two_humps:
            return level + (chance() < 0.3 ? 3 : 0) + normal(random_);
        case Cell::Noise::skewed:
            return level + std::exponential_distribution<double>(1)(random_);
        case Cell::Noise::wider:
            return level + (level > 0 ? 3 : 1) * normal(random_);
        case Cell::Noise::few_values:
            return std::round(level + normal(random_));
        case Cell::Noise::trend:
            return level + runs_++ / 50.0 + normal(random_);
        case Cell::Noise::first_run:
            return level + (is_first ? 2 : 0) + normal(random_);
        case Cell::Noise::heavy_tails:
            return level + std::student_t_distribution<double>(2)(random_);
        case Cell::Noise::rounded:
            return 4 * std::round((level + normal(random_)) / 4);
        case Cell::Noise::drifting:
            drift_ = 0.9 * drift_ + std::sqrt(1 - 0.9 * 0.9) * normal(random_);
            return level + drift_;
        case Cell::Noise::normal:
            break;
        }
        return level + normal(random_);
    }

    double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

    [[nodiscard]] std::vector<char> descendants(CommitIndex culprit) const {
        std::vector<char> below(range_.size(), 0);
        below[culprit] = 1;
        for (CommitIndex i = culprit; i-- > 0;) {
            for (const auto parent : range_.nodes()[i].parents) {
                below[i] = below[i] != 0 || below[parent] != 0 ? 1 : 0;
            }
        }
        return below;
    }

    const Cell& cell_;
    std::mt19937 random_;
    core::CommitGraph range_;
    std::set<CommitIndex> culprits_;
    std::vector<std::vector<char>> behind_;
    std::vector<char> skipped_;
    double drift_ = 0;
    int runs_ = 0;
    std::set<CommitId> firsts_;
};

core::BayesPolicy policy_of(const Cell& cell) {
    core::BayesPolicy policy;
    policy.confidence = cell.confidence;
    if (cell.step > 0) {
        policy.metric = core::Direction::lower_is_better;
    }
    if (cell.knows == Cell::Knows::all && cell.step > 0) {
        policy.levels = core::KnownLevels{0, cell.step, 1};
    } else if (cell.knows == Cell::Knows::all) {
        policy.rates = core::KnownRates{cell.good_fails, cell.bad_passes};
    }
    return policy;
}

core::Finding finding_of(const core::Outcome& outcome) {
    if (const auto* sampled = std::get_if<core::Sampled>(&outcome)) {
        return core::Measured{{sampled->value}};
    }
    if (const auto* skipped = std::get_if<core::Skipped>(&outcome)) {
        return core::Unbuildable{skipped->reason};
    }
    return core::CommandExit{std::holds_alternative<core::Failed>(outcome) ? 1 : 0};
}

std::unique_ptr<core::Bisection> bisection_of(const Cell& cell, const World& world,
                                              core::Strategy strategy) {
    core::Policy policy;
    policy.confidence = cell.confidence;
    policy.strategy = strategy;
    policy.lookahead = 0;
    if (cell.step > 0) {
        policy.judged_by = core::JudgedBy::metric;
        policy.direction = core::Direction::lower_is_better;
    }
    const auto& range = world.range();
    return value_or_throw(
        core::create_bisection({range, made_up_id(0), range.nodes().front().id, policy}));
}

Run simulate_by(const Cell& cell, std::uint32_t seed, core::Strategy strategy) {
    World world(cell, seed);
    const auto bisection = bisection_of(cell, world, strategy);
    std::set<CommitId> built;
    core::Capacity one{1};
    if (cell.build > 0) {
        one.costs.build = [&](const CommitId& commit) {
            return built.contains(commit) ? 0 : cell.build;
        };
    }
    Run run;
    while (!bisection->conclusion()) {
        const auto task = bisection->next(one).at(0);
        const bool clean = task.build == core::BuildKind::clean_full && task.first == 0;
        run.builds += built.insert(task.commit).second || clean ? 1 : 0;
        const auto artefact = cell.artefacts ? task.commit.hex() : "";
        if (task.check == core::CheckKind::none) {
            bisection->record({task.commit, task.kind, core::Built{}, task.first, artefact});
            continue;
        }
        const auto outcome = world.test(task.commit);
        run.runs += 1;
        run.samples += std::holds_alternative<core::Skipped>(outcome) ? 0 : 1;
        run.end_samples += core::is_end(task.kind) ? 1 : 0;
        bisection->record({task.commit, task.kind, finding_of(outcome), task.first, artefact});
    }
    const auto& conclusion = *bisection->conclusion();
    auto suspects = conclusion.suspects;
    if (conclusion.commit) {
        suspects = {{*conclusion.commit, conclusion.probability}};
    }
    run.kind = conclusion.kind;
    run.stated = conclusion.probability;
    run.suspects = suspects.size();
    if (conclusion.kind != core::ConclusionKind::inconclusive) {
        run.answer =
            world.is_right(conclusion.kind, suspects) ? Run::Answer::right : Run::Answer::wrong;
    }
    return run;
}

} // namespace

Run simulate(const Cell& cell, std::uint32_t seed) {
    World world(cell, seed);
    auto search =
        value_or_throw(core::BayesSearch::create(world.range(), made_up_id(0), policy_of(cell)));
    std::set<CommitId> built;
    core::ProbeCosts costs;
    if (cell.build > 0) {
        costs.build = [&](const CommitId& commit) {
            return built.contains(commit) ? 0 : cell.build;
        };
    }
    const auto& bad = world.range().nodes().front().id;
    Run run;
    while (!search.conclusion()) {
        const auto wishes = search.next(1, costs);
        const auto& commit = wishes.at(0).commit;
        const bool is_end = commit == made_up_id(0) || commit == bad;
        const bool is_new = built.insert(commit).second;
        const auto outcome = world.test(commit);
        run.builds += is_new && !is_end ? 1 : 0;
        if (!std::holds_alternative<core::Skipped>(outcome)) {
            run.samples += 1;
            run.end_samples += is_end ? 1 : 0;
        }
        run.runs += 1;
        search.record(commit, outcome);
    }
    const auto conclusion = *search.conclusion();
    run.kind = conclusion.kind;
    run.stated = conclusion.probability;
    run.suspects = conclusion.suspects.size();
    if (conclusion.kind != core::ConclusionKind::inconclusive) {
        run.answer = world.is_right(conclusion.kind, conclusion.suspects) ? Run::Answer::right
                                                                          : Run::Answer::wrong;
    }
    return run;
}

Run simulate_whole(const Cell& cell, std::uint32_t seed) {
    return simulate_by(cell, seed, core::Strategy::bayes);
}

Run simulate_git(const Cell& cell, std::uint32_t seed) {
    return simulate_by(cell, seed, core::Strategy::git);
}

Summary summarise(const std::vector<Run>& runs) {
    Summary summary;
    summary.runs = runs.size();
    std::vector<double> samples;
    std::vector<double> builds;
    for (const auto& run : runs) {
        summary.right += run.answer == Run::Answer::right ? 1 : 0;
        summary.wrong += run.answer == Run::Answer::wrong ? 1 : 0;
        summary.several += run.kind == core::ConclusionKind::several_culprits ? 1 : 0;
        summary.stated += run.answer == Run::Answer::inconclusive ? 0 : run.stated;
        summary.samples += run.samples / static_cast<double>(runs.size());
        summary.runs_each += run.runs / static_cast<double>(runs.size());
        summary.end_samples += run.end_samples / static_cast<double>(runs.size());
        summary.builds += run.builds / static_cast<double>(runs.size());
        samples.push_back(run.samples);
        builds.push_back(run.builds);
    }
    summary.stated /= std::max<double>(1, static_cast<double>(summary.right + summary.wrong));
    const auto p95 = static_cast<std::size_t>(0.95 * static_cast<double>(runs.size()));
    std::sort(samples.begin(), samples.end());
    std::sort(builds.begin(), builds.end());
    summary.samples_p95 = samples[std::min(p95, samples.size() - 1)];
    summary.builds_p95 = builds[std::min(p95, builds.size() - 1)];
    return summary;
}

} // namespace lab::bench
