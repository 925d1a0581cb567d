// SPDX-License-Identifier: Apache-2.0
// What a BayesBisection wants done next, and how it shows where it stands.
#include "core/bayes_bisection.h"
#include "core/numbers.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

/// Chance of being bad from which on, and below one minus which, the table names a verdict.
constexpr double clear_chance = 0.95;

/// A task whose outcome could change the answer by less than this share of the risk is dropped.
constexpr double negligible = 0.1;

std::string outcomes_text(const Trial& trial) {
    if (trial.runs == 0) {
        return "mean " + significant(mean(trial.values));
    }
    return std::to_string(trial.failures) + " of " + std::to_string(trial.runs) +
           (trial.runs == 1 ? " run failed" : " runs failed");
}

} // namespace

bool BayesBisection::confirming() const {
    if (!clean_ || conclusion_) {
        return false;
    }
    const auto found = search_.conclusion();
    return found && found->kind == ConclusionKind::found &&
           found->suspects.front().commit == clean_->bad();
}

std::vector<Task> BayesBisection::next(const Capacity& capacity) const {
    std::vector<Task> tasks;
    if (conclusion_) {
        return tasks;
    }
    if (confirming()) {
        add_confirmations(tasks, capacity);
    } else {
        add_probes(tasks, capacity);
    }
    return tasks;
}

void BayesBisection::add_task(std::vector<Task>& tasks, const Capacity& capacity,
                              const CommitId& commit, TaskKind kind) const {
    Task task{commit, kind};
    task.build = is_confirmation(kind) ? BuildKind::clean_full : BuildKind::any;
    task.check = symptom_ ? CheckKind::boot_only : CheckKind::full;
    if (is_confirmation(kind) && compares_artefacts(commit, kind)) {
        task.check = CheckKind::none;
        task.samples = 0;
    }
    std::set<unsigned> taken;
    if (const auto known = numbers_.find({commit, kind}); known != numbers_.end()) {
        taken = known->second;
    }
    for (const auto* list : {&capacity.under_way, &std::as_const(tasks)}) {
        for (const auto& other : *list) {
            if (other.commit == commit && other.kind == kind) {
                taken.insert(other.first);
            }
        }
    }
    while (taken.contains(task.first)) {
        ++task.first;
    }
    tasks.push_back(std::move(task));
}

void BayesBisection::add_confirmations(std::vector<Task>& tasks, const Capacity& capacity) const {
    unsigned of_bad = 0;
    unsigned of_parent = 0;
    for (const auto& task : capacity.under_way) {
        const bool bad = task.kind == TaskKind::confirm_bad && task.commit == clean_->bad();
        const bool parent =
            task.kind == TaskKind::confirm_parent && task.commit == clean_->parent();
        if (bad || parent) {
            tasks.push_back(task);
            of_bad += bad ? 1 : 0;
            of_parent += parent ? 1 : 0;
        }
    }
    add_clean_builds(tasks, capacity);
    const bool builds = std::any_of(tasks.begin(), tasks.end(),
                                    [](const Task& task) { return task.check == CheckKind::none; });
    while (!builds && tasks.size() < capacity.tasks) {
        const auto kind = clean_->wanted(of_bad, of_parent);
        if (!kind) {
            return;
        }
        const bool bad = *kind == TaskKind::confirm_bad;
        add_task(tasks, capacity, bad ? clean_->bad() : *clean_->parent(), *kind);
        ++(bad ? of_bad : of_parent);
    }
}

/// Builds to be compared with what was tried: whether anything has to be tried again follows from
/// both.
void BayesBisection::add_clean_builds(std::vector<Task>& tasks, const Capacity& capacity) const {
    std::vector<std::pair<CommitId, TaskKind>> sides{{clean_->bad(), TaskKind::confirm_bad}};
    if (const auto parent = clean_->parent()) {
        sides.emplace_back(*parent, TaskKind::confirm_parent);
    }
    for (const auto& side : sides) {
        const bool under_way = std::any_of(
            tasks.begin(), tasks.end(), [&](const Task& task) { return task.kind == side.second; });
        if (!under_way && tasks.size() < capacity.tasks &&
            compares_artefacts(side.first, side.second) && clean_->can_judge(side.second)) {
            add_task(tasks, capacity, side.first, side.second);
        }
    }
}

bool BayesBisection::still_tells(const Task& task) const {
    if (task.kind == TaskKind::lookahead || is_confirmation(task.kind)) {
        return false;
    }
    if (is_end(task.kind)) {
        return true;
    }
    const double bad = search_.chance_bad(task.commit);
    return std::min(bad, 1 - bad) >= negligible * (1 - policy_.confidence);
}

void BayesBisection::add_probes(std::vector<Task>& tasks, const Capacity& capacity) const {
    std::vector<CommitId> pending;
    for (const auto& task : capacity.under_way) {
        if (still_tells(task)) {
            tasks.push_back(task);
            pending.push_back(task.commit);
        }
    }
    const auto room = capacity.tasks - std::min(capacity.tasks, tasks.size());
    for (const auto& wish : search_.next(room, capacity.costs, pending)) {
        for (unsigned sample = 0; sample < wish.samples; ++sample) {
            add_task(tasks, capacity, wish.commit, kind_of(wish.commit));
        }
    }
}

std::optional<Progress> BayesBisection::progress() const {
    if (conclusion_) {
        return std::nullopt;
    }
    if (confirming()) {
        return Progress{1, 1,
                        "Bisecting: confirming " + clean_->bad().abbreviated() +
                            " and its parent from clean builds"};
    }
    const auto samples = search_.samples_left();
    if (search_.at_ends()) {
        auto text = "Bisecting: do the ends differ? " + search_.ends_text();
        const double alike = search_.no_culprit();
        if (alike > 0.5) {
            text += "; it looks as if they do not (" + per_cent(alike) +
                    "): then there is nothing to bisect";
        }
        return Progress{search_.range().size(), samples, std::move(text)};
    }
    const auto left = static_cast<std::size_t>(std::lround(std::exp2(search_.entropy())));
    const auto top = search_.posterior(1);
    std::string text =
        "Bisecting: about " + std::to_string(left) + (left == 1 ? " commit" : " commits") + " left";
    if (!top.empty()) {
        text += ", likeliest " + top.front().commit.abbreviated() + " (" +
                per_cent(top.front().probability) + ")";
    }
    return Progress{left, samples,
                    text + ", roughly " + std::to_string(samples) + " samples to go"};
}

Trial BayesBisection::judged(const Trial& trial) const {
    auto row = trial;
    const bool is_twin = !is_end(trial.kind) && !trial.reason.empty();
    const bool untried = trial.runs == 0 && trial.values.empty() && !is_twin;
    if (trial.verdict || untried || (is_end(trial.kind) && search_.at_ends())) {
        return row;
    }
    if (is_end(trial.kind) && conclusion_ && conclusion_->kind == ConclusionKind::no_culprit) {
        // What an end is cannot go by what it was taken for.
        row.reason = outcomes_text(trial);
        if (trial.runs > 0 && (trial.failures == 0 || trial.failures == trial.runs)) {
            row.verdict = trial.failures == 0 ? Verdict::good : Verdict::bad;
        }
        return row;
    }
    const bool clean = clean_ && clean_->asks(trial.commit, trial.kind);
    const double clear = clean ? CleanCheck::agreement : clear_chance;
    const double bad = clean ? clean_->chance_bad(trial.kind) : search_.chance_bad(trial.commit);
    if (trial.runs > 0 || !trial.values.empty()) {
        row.reason = outcomes_text(trial);
    }
    row.reason += "; " + policy_.terms.bad + " with " + per_cent(bad);
    if (bad >= clear || bad <= 1 - clear) {
        row.verdict = bad > 0.5 ? Verdict::bad : Verdict::good;
        row.error = std::max(std::min(bad, 1 - bad), least_error);
    }
    return row;
}

std::vector<Trial> BayesBisection::trials() const {
    std::vector<Trial> rows;
    for (const auto& trial : trials_) {
        rows.push_back(judged(trial));
    }
    return rows;
}

} // namespace lab::core
