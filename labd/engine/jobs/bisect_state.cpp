// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bisect_state.h"

#include "base/error.h"
#include "base/text.h"
#include "core/blockers.h"

#include <algorithm>
#include <cmath>

namespace lab::engine {
namespace {

using nlohmann::json;

json to_json(const core::Lesson& lesson) {
    return {{"commit", lesson.commit.hex()},
            {"kind", core::to_string(lesson.kind)},
            {"outcome", lesson.outcome},
            {"bad_before", lesson.bad_before},
            {"bad_after", lesson.bad_after},
            {"bits_before", lesson.bits_before},
            {"bits_after", lesson.bits_after},
            {"likeliest", lesson.likeliest ? lesson.likeliest->hex() : ""},
            {"likeliest_chance", lesson.likeliest_chance}};
}

/// Above that a search knows too little to say how long it takes.
constexpr std::size_t most_steps_foreseen = 10000;

/// Commits that a report can show the chance of.
constexpr std::size_t most_suspects = 200;

} // namespace

BisectState::BisectState(BisectQuestion question, const std::vector<std::string>& stored)
    : question_(std::move(question)), range_(range_of(question_)),
      bisection_(begin_bisection(question_, range_)), build_costs_(range_.size()) {
    for (const auto& text : stored) {
        record(observation_from(text));
    }
}

std::optional<std::size_t> BisectState::place_of(const core::CommitId& commit) const {
    return range_.contains(commit) ? std::optional<std::size_t>(range_.index_of(commit))
                                   : std::nullopt;
}

void BisectState::builds_are_there(const std::vector<core::CommitId>& commits) {
    for (const auto& commit : commits) {
        if (const auto place = place_of(commit)) {
            build_costs_.found(*place);
        }
    }
}

void BisectState::record(const CostedObservation& costed) {
    const auto& observation = costed.observation;
    if (const auto* dropped = std::get_if<core::CannotMatter>(&observation.finding)) {
        dropped_ = dropped->commits;
        bisection_->record(observation);
        return;
    }
    pay(costed);
    const bool values = std::holds_alternative<core::Measured>(observation.finding);
    if (!gives_values_ &&
        (values || std::holds_alternative<core::CommandExit>(observation.finding))) {
        gives_values_ = values;
    }
    bisection_->record(observation);
}

bool BisectState::measures_alone() const {
    const auto& local = question_.spec.local;
    return local && (!local->metric_regex.empty() || gives_values_.value_or(true));
}

/// What the build and the test took, as far as they can be told apart.
BisectState::Cost BisectState::cost_of(const CostedObservation& costed) {
    if (costed.built_too) {
        const double build = run_times_.add_build_and_test(costed.test_seconds);
        return {build, costed.test_seconds - build};
    }
    if (costed.test_seconds > 0) {
        run_times_.add_test(costed.test_seconds);
    }
    return {costed.build_seconds, costed.test_seconds};
}

void BisectState::pay(const CostedObservation& costed) {
    const auto& observation = costed.observation;
    const auto paid = cost_of(costed);
    auto& cost = costs_[{observation.commit, observation.kind}];
    cost.build_seconds = std::max(cost.build_seconds, paid.build_seconds);
    cost.test_seconds += paid.test_seconds;
    if (paid.build_seconds > 0) {
        build_seconds_ += paid.build_seconds;
        ++builds_;
    }
    const auto place = place_of(observation.commit);
    const bool clean = core::is_confirmation(observation.kind);
    if (place && !clean && !std::holds_alternative<core::Said>(observation.finding)) {
        build_costs_.paid(*place, paid.build_seconds);
    }
    if (const auto gone = place_of(costed.replaced)) {
        build_costs_.lost(*gone);
    }
}

core::ProbeCosts BisectState::costs() const {
    core::ProbeCosts costs;
    const double test = run_times_.test();
    costs.sample = test > 0 ? std::max(0.001, test) : 1.0;
    costs.build = [this](const core::CommitId& commit) {
        const auto place = place_of(commit);
        return place ? build_costs_.estimate(*place) : 0.0;
    };
    return costs;
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
            {"runs", trial.runs},
            {"failures", trial.failures},
            {"unit", question_.metric ? question_.metric->unit : ""},
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

/// A build for every halving, and the samples: what of it goes on at once is not known beforehand.
double BisectState::seconds_left(const core::Progress& progress) const {
    if (run_times_.test() == 0 || progress.steps > most_steps_foreseen) {
        return 0;
    }
    const double halvings = std::ceil(
        std::log2(static_cast<double>(std::max<std::size_t>(progress.revisions_left, 1))));
    const double build = builds_ > 0 ? build_seconds_ / builds_ : 0;
    return halvings * build + static_cast<double>(progress.steps) * run_times_.test();
}

nlohmann::json BisectState::report() const {
    json report{{"conclusion", ""},
                {"good", question_.spec.good},
                {"bad", question_.spec.bad},
                {"commit", ""},
                {"suspects", nlohmann::json::array()},
                {"notes", nlohmann::json::array()},
                {"probability", 0.0},
                {"text", ""},
                {"term_good", question_.spec.terms.good},
                {"term_bad", question_.spec.terms.bad},
                {"strategy", core::to_string(question_.spec.strategy)},
                {"range", range_.size()},
                {"posterior", nlohmann::json::array()},
                {"rows", nlohmann::json::array()},
                {"lessons", nlohmann::json::array()},
                {"blockers", nlohmann::json::array()}};
    for (const auto& blocker : core::blockers_of(range_, bisection_->trials())) {
        report["blockers"].push_back({{"reason", blocker.reason},
                                      {"commits", blocker.commits},
                                      {"begins", blocker.begins.hex()},
                                      {"ends", blocker.ends.hex()},
                                      {"not_tried", blocker.in_between},
                                      {"text", core::to_string(blocker)}});
    }
    for (const auto& trial : bisection_->trials()) {
        report["rows"].push_back(row(trial));
    }
    for (const auto& lesson : bisection_->lessons()) {
        report["lessons"].push_back(to_json(lesson));
    }
    report["dropped"] = dropped_.size();
    if (const auto progress = bisection_->progress()) {
        report["revisions_left"] = progress->revisions_left;
        report["steps"] = progress->steps;
        report["progress"] = progress->text;
        report["seconds_left"] = seconds_left(*progress);
    }
    const auto& conclusion = bisection_->conclusion();
    if (!conclusion) {
        return report;
    }
    report["conclusion"] = core::to_string(conclusion->kind);
    report["probability"] = conclusion->probability;
    report["text"] = conclusion->text;
    report["notes"] = conclusion->notes;
    for (const auto& suspect : bisection_->posterior(most_suspects)) {
        report["posterior"].push_back(
            {{"commit", suspect.commit.hex()}, {"probability", suspect.probability}});
    }
    for (const auto& suspect : conclusion->suspects) {
        report["suspects"].push_back({{"commit", suspect.commit.hex()},
                                      {"subject", subject(suspect.commit)},
                                      {"probability", suspect.probability}});
    }
    if (conclusion->commit) {
        report["commit"] = conclusion->commit->hex();
        report["info"] = info(*conclusion->commit);
    }
    return report;
}

} // namespace lab::engine
