// SPDX-License-Identifier: Apache-2.0
#include "core/bayes_bisection.h"

#include "core/first_error.h"
#include "core/numbers.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

/// Samples of a usable commit that may fail to give an outcome before it is skipped.
constexpr unsigned most_unusable = 3;

BayesPolicy bayes_policy(const Policy& policy, const std::optional<Direction>& metric) {
    BayesPolicy bayes;
    bayes.metric = metric;
    bayes.confidence = policy.confidence;
    bayes.wanted = policy.wanted;
    bayes.afterwards = Afterwards::confirmed;
    bayes.terms = policy.terms;
    return bayes;
}

/// Why a commit cannot be tested, so that the same breakage is known again.
Skipped skip_of(const Trial& trial) {
    return {failure_key(trial.cause.empty() ? trial.reason : trial.cause)};
}

} // namespace

BayesBisection::BayesBisection(BayesSearch search, BisectionInput input)
    : policy_(input.policy), good_(std::move(input.good)), bad_(std::move(input.bad)),
      search_(std::move(search)) {
    if (policy_.judged_by == JudgedBy::metric) {
        metric_ = policy_.direction.value_or(Direction::lower_is_better);
    }
    trials_ = {Trial{good_, TaskKind::end_good}, Trial{bad_, TaskKind::end_bad}};
}

Parsed<BayesBisection> BayesBisection::create(BisectionInput input) {
    auto problems = problems_of(input);
    if (!problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    const auto& policy = input.policy;
    const auto metric = policy.judged_by == JudgedBy::metric
                            ? std::optional(policy.direction.value_or(Direction::lower_is_better))
                            : std::nullopt;
    auto search =
        BayesSearch::create(std::move(input.range), input.good, bayes_policy(policy, metric));
    if (!search) {
        return Unexpected{std::move(search).error()};
    }
    return BayesBisection(*std::move(search), std::move(input));
}

bool BayesBisection::is_known(const CommitId& commit) const {
    return commit == good_ || search_.range().contains(commit);
}

Trial& BayesBisection::trial_of(const CommitId& commit, TaskKind kind) {
    const auto found = std::find_if(trials_.begin(), trials_.end(), [&](const Trial& trial) {
        return trial.commit == commit && trial.kind == kind;
    });
    return found != trials_.end() ? *found : trials_.emplace_back(Trial{commit, kind});
}

TaskKind BayesBisection::kind_of(const CommitId& commit) const {
    return commit == good_  ? TaskKind::end_good
           : commit == bad_ ? TaskKind::end_bad
                            : TaskKind::probe;
}

void BayesBisection::record(const Observation& observation) {
    const auto kind = observation.kind;
    if (conclusion_ || !is_known(observation.commit) || kind == TaskKind::lookahead) {
        return;
    }
    if (const auto* said = std::get_if<Said>(&observation.finding)) {
        record_said(observation.commit, *said);
        return;
    }
    if (const auto* dropped = std::get_if<CannotMatter>(&observation.finding)) {
        drop(dropped->commits);
        return;
    }
    if (is_confirmation(kind) ? !clean_ : kind != kind_of(observation.commit)) {
        return;
    }
    decide_what_judges(observation);
    record_artefact(observation);
    const auto before = lesson_for(observation.commit, kind);
    const auto reading = read_finding({metric_, symptom_}, observation.finding);
    numbers_[{observation.commit, kind}].insert(observation.first);
    if (const auto* exit = std::get_if<CommandExit>(&observation.finding);
        exit != nullptr && is_end(kind) && exit->exit_code != 0) {
        end_failures_[kind == TaskKind::end_good ? 0 : 1] = exit_text(*exit);
    }
    if (std::holds_alternative<NoReading>(reading)) {
        settle();
        return;
    }
    if (const auto* stop = std::get_if<StopBisection>(&reading)) {
        conclude(ConclusionKind::aborted, stop_text(stop->reason, observation.commit));
        return;
    }
    auto& trial = trial_of(observation.commit, kind);
    if (const auto* unusable = std::get_if<UnusableReading>(&reading)) {
        record_unusable(trial, *unusable);
    } else {
        for (const auto& outcome : std::get<std::vector<Outcome>>(reading)) {
            record_sample(trial, outcome);
        }
        follow_direction_of_ends();
    }
    if (!conclusion_) {
        learn(before, reading);
        settle();
    }
}

void BayesBisection::record_said(const CommitId& commit, const Said& said) {
    if (commit == good_ || commit == bad_) {
        return; // what the ends are has been said already
    }
    auto& trial = trial_of(commit, TaskKind::probe);
    decide(trial, said.verdict, said.why.empty() ? said_text : reason_text(said.why));
    tell_search(trial);
    settle();
}

/// What somebody says is certain: such a commit is like the end it is said to be like.
void BayesBisection::tell_search(const Trial& said) {
    if (said.verdict == Verdict::skip) {
        search_.record(said.commit, skip_of(said));
    } else {
        search_.same_artefact(said.commit, said.verdict == Verdict::good ? good_ : bad_);
    }
}

void BayesBisection::drop(const std::vector<CommitId>& commits) {
    restart(search_.range().without(commits));
    settle();
}

/// Commits that build the same are both good or both bad.
void BayesBisection::record_artefact(const Observation& observation) {
    if (is_confirmation(observation.kind)) {
        record_clean_build(observation);
    }
    if (observation.artefact.empty()) {
        return;
    }
    if (!is_confirmation(observation.kind)) {
        tried_.try_emplace(observation.commit, observation.artefact);
    }
    auto& same = artefacts_[observation.artefact];
    const bool known = same.empty() || same.contains(observation.commit);
    same.insert(observation.commit);
    if (known) {
        return;
    }
    search_.same_artefact(*same.begin(), observation.commit);
    if (std::holds_alternative<Built>(observation.finding)) {
        const auto& other = *same.begin() == observation.commit ? *same.rbegin() : *same.begin();
        trial_of(observation.commit, observation.kind).reason =
            "builds the same as " + other.abbreviated();
    }
}

/// What the search has seen of the artefact that a clean build gives again holds for that, too.
void BayesBisection::record_clean_build(const Observation& observation) {
    const auto& [commit, kind, finding, first, artefact] = observation;
    if (!clean_built_.try_emplace({commit, kind}, artefact).second) {
        return;
    }
    const auto tried = tried_.find(commit);
    if (tried != tried_.end() && tried->second == artefact && clean_->asks(commit, kind)) {
        clean_->built_same(kind, seen_of(commit), search_.range().size());
        trial_of(commit, kind).reason = "its clean build is the artefact that was tried";
    }
}

/// Badness of every sample that the search took of a commit.
std::vector<double> BayesBisection::seen_of(const CommitId& commit) const {
    std::vector<double> seen;
    for (const auto& trial : trials_) {
        if (trial.commit != commit || is_confirmation(trial.kind)) {
            continue;
        }
        for (const double value : trial.values) {
            seen.push_back(badness(value));
        }
        seen.insert(seen.end(), trial.failures, 1);
        seen.insert(seen.end(), trial.runs - trial.failures, 0);
    }
    return seen;
}

/// Whether the clean build is to be compared before anything of it is tried.
bool BayesBisection::compares_artefacts(const CommitId& commit, TaskKind kind) const {
    return tried_.contains(commit) && !clean_built_.contains({commit, kind});
}

void BayesBisection::tie_artefacts() {
    for (const auto& [digest, commits] : artefacts_) {
        for (const auto& commit : commits) {
            search_.same_artefact(*commits.begin(), commit);
        }
    }
}

void BayesBisection::decide_what_judges(const Observation& observation) {
    const auto& finding = observation.finding;
    if (const auto* failure = std::get_if<BootFailure>(&finding)) {
        const auto& end = trials_[1];
        if (observation.kind == TaskKind::end_bad && !symptom_ && end.values.empty() &&
            end.failures == 0) {
            symptom_ = failure->signature;
            metric_.reset();
            count_as_booted();
            restart(search_.range());
        }
        return;
    }
    if (policy_.judged_by != JudgedBy::first_finding || symptom_) {
        return;
    }
    if (std::holds_alternative<Measured>(finding)) {
        policy_.judged_by = JudgedBy::metric;
        metric_ = policy_.direction.value_or(Direction::lower_is_better);
        restart(search_.range());
    } else if (std::holds_alternative<CommandExit>(finding)) {
        policy_.judged_by = JudgedBy::command;
    }
}

/// Booting is the question now: whatever was seen of the ends so far, they booted.
void BayesBisection::count_as_booted() {
    for (auto& trial : trials_) {
        trial.runs += static_cast<unsigned>(trial.values.size());
        trial.failures = 0;
        trial.values.clear();
    }
}

/// The search anew with what the trials hold: what judges has changed.
void BayesBisection::restart(const CommitGraph& range) {
    search_ = value_or_throw(BayesSearch::create(range, good_, bayes_policy(policy_, metric_)));
    tie_artefacts();
    for (const auto& trial : trials_) {
        for (const double value : trial.values) {
            search_.record(trial.commit, Sampled{value});
        }
        for (unsigned run = 0; run < trial.runs; ++run) {
            search_.record(trial.commit, run < trial.failures ? Outcome(Failed{}) : Passed{});
        }
        if (trial.verdict && trial.kind == TaskKind::probe) {
            tell_search(trial);
        }
    }
}

/// A direction nobody gave is the one in which the ends lie, as long as only they were looked at.
void BayesBisection::follow_direction_of_ends() {
    const auto& good = trials_[0].values;
    const auto& bad = trials_[1].values;
    if (!metric_ || policy_.direction || good.empty() || bad.empty() || !search_.at_ends()) {
        return;
    }
    const auto seen =
        mean(bad) > mean(good) ? Direction::lower_is_better : Direction::higher_is_better;
    if (seen != *metric_) {
        metric_ = seen;
        restart(search_.range());
    }
}

double BayesBisection::badness(double value) const {
    return metric_ == Direction::higher_is_better ? -value : value;
}

void BayesBisection::record_sample(Trial& trial, const Outcome& outcome) {
    double bad = std::holds_alternative<Failed>(outcome) ? 1 : 0;
    if (const auto* sampled = std::get_if<Sampled>(&outcome)) {
        trial.values.push_back(sampled->value);
        bad = badness(sampled->value);
    } else {
        ++trial.runs;
        trial.failures += bad > 0 ? 1 : 0;
    }
    if (clean_ && clean_->asks(trial.commit, trial.kind)) {
        clean_->record(trial.kind, bad);
    }
    search_.record(trial.commit, outcome);
}

void BayesBisection::record_unusable(Trial& trial, const UnusableReading& unusable) {
    const bool usable = trial.runs > 0 || !trial.values.empty();
    if (usable && ++unusable_[{trial.commit, trial.kind}] < most_unusable) {
        return; // it worked before: the next sample may again
    }
    decide(trial, Verdict::skip, (usable ? "not every time: " : "") + unusable.why);
    trial.cause = unusable.cause;
    if (is_end(trial.kind)) {
        const auto& side =
            trial.kind == TaskKind::end_good ? policy_.terms.good : policy_.terms.bad;
        conclude(ConclusionKind::inconclusive, "the " + side + " end " + trial.commit.hex() + " " +
                                                   trial.reason +
                                                   " (both ends must build, boot and be judged)");
    } else if (is_confirmation(trial.kind)) {
        if (clean_->asks(trial.commit, trial.kind)) {
            clean_->cannot_judge(trial.kind, trial.reason);
        }
    } else {
        search_.record(trial.commit, skip_of(trial));
    }
}

Lesson BayesBisection::lesson_for(const CommitId& commit, TaskKind kind) const {
    Lesson lesson;
    lesson.commit = commit;
    lesson.kind = kind;
    lesson.bad_after = search_.chance_bad(commit);
    lesson.bits_after = search_.entropy();
    if (const auto top = search_.posterior(1); !top.empty()) {
        lesson.likeliest = top.front().commit;
        lesson.likeliest_chance = top.front().probability;
    }
    return lesson;
}

void BayesBisection::learn(const Lesson& before, const Reading& reading) {
    auto lesson = lesson_for(before.commit, before.kind);
    lesson.bad_before = before.bad_after;
    lesson.bits_before = before.bits_after;
    lesson.outcome = to_string(reading);
    lessons_.push_back(std::move(lesson));
}

} // namespace lab::core
