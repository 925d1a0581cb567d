// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bisect_state.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>

namespace lab::engine {
namespace {

/// The direction of the metric that judges; nothing when a command does.
std::optional<core::Direction> direction_of(const BisectQuestion& question) {
    if (!question.benchmark) {
        return std::nullopt;
    }
    for (const auto& resultclass : question.benchmark->resultclasses) {
        if (resultclass.name == question.spec.check.metric) {
            return resultclass.better;
        }
    }
    throw Error(ErrorCode::not_found, question.spec.check.metric + ": no such resultclass of " +
                                          question.benchmark->id());
}

std::string unit_of(const BisectQuestion& question) {
    if (question.benchmark) {
        for (const auto& resultclass : question.benchmark->resultclasses) {
            if (resultclass.name == question.spec.check.metric) {
                return resultclass.unit;
            }
        }
    }
    return "";
}

} // namespace

BisectState::BisectState(BisectQuestion question, const std::vector<std::string>& stored)
    : question_(std::move(question)), bisection_(make_bisection(question_)) {
    for (const auto& text : stored) {
        record(observation_from(text));
    }
}

core::Bisection BisectState::make_bisection(const BisectQuestion& question) {
    const core::CommitId good(question.spec.good);
    const core::CommitId bad(question.spec.bad);
    auto range =
        question.repo->range({good}, bad, {question.spec.first_parent, question.spec.paths});
    core::BisectionInput input;
    input.range = std::move(range.graph);
    input.good = good;
    input.bad = bad;
    input.policy.metric = direction_of(question);
    input.policy.confidence = question.spec.confidence;
    return value_or_throw(core::Bisection::create(std::move(input)));
}

void BisectState::record(const CostedObservation& costed) {
    const TrialKey key{costed.observation.commit, costed.observation.kind};
    costs_[key].build_seconds = std::max(costs_[key].build_seconds, costed.build_seconds);
    costs_[key].test_seconds += costed.test_seconds;
    if (const auto* measured = std::get_if<core::Measured>(&costed.observation.finding)) {
        samples_[key] += static_cast<unsigned>(measured->values.size());
    }
    bisection_.record(costed.observation);
}

unsigned BisectState::samples_taken(const core::Task& task) const {
    const auto found = samples_.find({task.commit, task.kind});
    return found == samples_.end() ? 0 : found->second;
}

std::string BisectState::subject(const core::CommitId& commit) const {
    const auto found = subjects_.find(commit);
    if (found != subjects_.end()) {
        return found->second;
    }
    const auto subject = cap(escape_for_terminal(question_.repo->info(commit).subject), 200);
    subjects_[commit] = subject;
    return subject;
}

nlohmann::json BisectState::row(const core::Trial& trial) const {
    const auto cost = costs_.find({trial.commit, trial.kind});
    return {{"commit", trial.commit.hex()},
            {"subject", subject(trial.commit)},
            {"kind", core::to_string(trial.kind)},
            {"verdict", trial.verdict ? core::to_string(*trial.verdict) : ""},
            {"values", trial.values},
            {"unit", unit_of(question_)},
            {"build_seconds", cost == costs_.end() ? 0.0 : cost->second.build_seconds},
            {"test_seconds", cost == costs_.end() ? 0.0 : cost->second.test_seconds},
            {"note", trial.reason}};
}

nlohmann::json BisectState::info(const core::CommitId& commit) const {
    const auto info = question_.repo->info(commit);
    return {{"author", escape_for_terminal(info.author)},
            {"date", escape_for_terminal(info.date)},
            {"subject", subject(commit)},
            {"message", escape_for_terminal(info.message)}};
}

nlohmann::json BisectState::report() const {
    nlohmann::json report{{"conclusion", ""},
                          {"good", question_.spec.good},
                          {"bad", question_.spec.bad},
                          {"commit", ""},
                          {"suspects", nlohmann::json::array()},
                          {"notes", nlohmann::json::array()},
                          {"probability", 0.0},
                          {"text", ""},
                          {"rows", nlohmann::json::array()}};
    for (const auto& trial : bisection_.trials()) {
        report["rows"].push_back(row(trial));
    }
    if (const auto progress = bisection_.progress()) {
        report["revisions_left"] = progress->revisions_left;
        report["steps"] = progress->steps;
    }
    const auto& conclusion = bisection_.conclusion();
    if (!conclusion) {
        return report;
    }
    report["conclusion"] = core::to_string(conclusion->kind);
    report["probability"] = conclusion->probability;
    report["text"] = conclusion->text;
    report["notes"] = conclusion->notes;
    for (const auto& suspect : conclusion->suspects) {
        report["suspects"].push_back(suspect.hex());
    }
    if (conclusion->commit) {
        report["commit"] = conclusion->commit->hex();
        report["info"] = info(*conclusion->commit);
    }
    return report;
}

} // namespace lab::engine
