// SPDX-License-Identifier: Apache-2.0
#include "core/confirmation.h"

#include <algorithm>

namespace lab::core {

Confirmation::Confirmation(Judge judge, const CommitId& bad, const std::optional<CommitId>& parent)
    : judge_(std::move(judge)), trials_{Trial{bad, TaskKind::confirm_bad}} {
    if (parent) {
        trials_.push_back(Trial{*parent, TaskKind::confirm_parent});
    }
}

std::optional<StopBisection> Confirmation::record(const Observation& observation) {
    for (auto& trial : trials_) {
        const bool meant = trial.kind == observation.kind && trial.commit == observation.commit;
        if (meant && !trial.verdict) {
            return judge_.apply(trial, observation.finding);
        }
    }
    return std::nullopt;
}

std::vector<Task> Confirmation::tasks() const {
    std::vector<Task> tasks;
    if (done()) {
        return tasks;
    }
    for (const auto& trial : trials_) {
        if (!trial.verdict) {
            tasks.push_back(task_for(trial, BuildKind::clean_full, judge_.check()));
        }
    }
    return tasks;
}

bool Confirmation::done() const {
    const auto judged = [](const Trial& trial) {
        return trial.verdict.has_value();
    };
    return contradiction() || std::all_of(trials_.begin(), trials_.end(), judged);
}

std::optional<std::string> Confirmation::contradiction() const {
    const auto& bad = trials_.front();
    if (bad.verdict == Verdict::good) {
        return "the verdict on " + bad.commit.hex() +
               " did not reproduce: bad in the search, good from a clean full build (" +
               bad.reason + ")" + builds_disagree;
    }
    if (bad.verdict == Verdict::skip) {
        return "the verdict on " + bad.commit.hex() +
               " could not be confirmed from a clean full build: " + bad.reason;
    }
    if (trials_.size() > 1 && trials_.back().verdict == Verdict::bad) {
        return "the verdict on the parent " + trials_.back().commit.hex() +
               " did not reproduce: good in the search, bad from a clean full build (" +
               trials_.back().reason + ")" + builds_disagree;
    }
    return std::nullopt;
}

std::optional<std::string> Confirmation::parent_note() const {
    if (trials_.size() > 1 && trials_.back().verdict == Verdict::skip) {
        return "the parent " + trials_.back().commit.hex() +
               " could not be confirmed from a clean full build: " + trials_.back().reason;
    }
    return std::nullopt;
}

} // namespace lab::core
