// SPDX-License-Identifier: Apache-2.0
#include "core/git_bisection.h"

#include "core/blockers.h"

#include <algorithm>

namespace lab::core {
namespace {

/// Verdicts needed besides the search's own: the last halving and both confirmations.
constexpr unsigned further_verdicts = 3;

/// Error of two independent verdicts that agree.
double combined_error(double a, double b) {
    return std::max(a * b / (a * b + (1 - a) * (1 - b)), least_error);
}

} // namespace

GitBisection::GitBisection(GitSearch search, BisectionInput input)
    : policy_(input.policy), search_(std::move(search)),
      ends_(input.good, input.bad, input.policy,
            estimated_steps(search_.range().size()) + further_verdicts) {}

Parsed<GitBisection> GitBisection::create(BisectionInput input) {
    auto problems = problems_of(input);
    if (!problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    auto search = GitSearch::create(std::move(input.range));
    if (!search) {
        return Unexpected{std::move(search).error()};
    }
    return GitBisection(std::move(search).value(), std::move(input));
}

std::vector<Task> GitBisection::next(const Capacity& capacity) const {
    const auto most = capacity.tasks;
    if (conclusion_) {
        return {};
    }
    auto tasks = ends_.tasks();
    if (confirmation_) {
        tasks = confirmation_->tasks();
    } else if (judge_) {
        tasks = {task_for(probes_.back(), BuildKind::any, judge_->check())};
    }
    if (!confirmation_ && tasks.size() < most) {
        const auto ahead = lookahead_tasks();
        tasks.insert(tasks.end(), ahead.begin(), ahead.end());
    }
    tasks.resize(std::min(tasks.size(), most));
    return tasks;
}

std::vector<Task> GitBisection::lookahead_tasks() const {
    std::vector<CommitId> wanted;
    if (!judge_) {
        const auto step = search_.next();
        if (const auto* first = std::get_if<Proposal>(&step)) {
            wanted.push_back(first->commit);
        }
    }
    const auto ahead = commits_ahead(search_, policy_.lookahead, unbuildable_);
    wanted.insert(wanted.end(), ahead.begin(), ahead.end());
    wanted.resize(std::min(wanted.size(), policy_.lookahead));
    std::vector<Task> tasks;
    for (const auto& commit : wanted) {
        if (!built_ahead_.contains(commit) && !unbuildable_.contains(commit)) {
            tasks.push_back({commit, TaskKind::lookahead, BuildKind::any, CheckKind::none});
        }
    }
    return tasks;
}

void GitBisection::record(const Observation& observation) {
    if (conclusion_) {
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
    record_artefact(observation);
    switch (observation.kind) {
    case TaskKind::end_good:
    case TaskKind::end_bad:
        ends_.record(observation);
        take_end_outcome();
        break;
    case TaskKind::probe:
        record_probe(observation);
        break;
    case TaskKind::confirm_bad:
    case TaskKind::confirm_parent:
        record_confirmation(observation);
        break;
    case TaskKind::lookahead:
        record_lookahead(observation);
        break;
    }
}

void GitBisection::record_said(const CommitId& commit, const Said& said) {
    if (!search_.range().contains(commit) || confirmation_) {
        return;
    }
    search_.record(commit, said.verdict);
    Trial trial{commit, TaskKind::probe};
    decide(trial, said.verdict, said.why.empty() ? said_text : reason_text(said.why));
    const bool asked = judge_ && probes_.back().commit == commit && !probes_.back().verdict;
    if (asked) {
        probes_.back() = trial;
        advance();
    } else {
        said_.push_back(std::move(trial));
    }
}

void GitBisection::drop(const std::vector<CommitId>& commits) {
    if (confirmation_) {
        return;
    }
    auto fresh = value_or_throw(GitSearch::create(search_.range().without(commits)));
    for (const auto* trials : {&std::as_const(said_), &std::as_const(probes_)}) {
        for (const auto& trial : *trials) {
            if (trial.verdict) {
                fresh.record(trial.commit, *trial.verdict);
            }
        }
    }
    search_ = std::move(fresh);
    if (judge_ && !probes_.back().verdict) {
        probes_.pop_back();
        advance();
    }
}

/// A build that was not tried because it is the same as one that was: it has its verdict.
void GitBisection::record_artefact(const Observation& observation) {
    if (observation.artefact.empty()) {
        return;
    }
    const auto same = artefacts_.emplace(observation.artefact, observation.commit).first->second;
    const bool asked = judge_ && !confirmation_ && probes_.back().commit == observation.commit &&
                       !probes_.back().verdict;
    if (!asked || !std::holds_alternative<Built>(observation.finding)) {
        return;
    }
    for (const auto& trial : trials()) {
        if (trial.commit == same && trial.verdict && trial.verdict != Verdict::skip) {
            auto& probe = probes_.back();
            decide(probe, *trial.verdict, "builds the same as " + same.abbreviated(), trial.error);
            search_.record(probe.commit, *probe.verdict);
            advance();
            return;
        }
    }
}

void GitBisection::take_end_outcome() {
    if (judge_ || !ends_.outcome()) {
        return;
    }
    if (const auto* failed = std::get_if<Conclusion>(&*ends_.outcome())) {
        conclusion_ = *failed;
        return;
    }
    judge_ = std::get<Judge>(*ends_.outcome());
    advance();
}

void GitBisection::record_lookahead(const Observation& observation) {
    if (!search_.range().contains(observation.commit)) {
        return;
    }
    if (std::holds_alternative<Unbuildable>(observation.finding)) {
        unbuildable_.insert(observation.commit);
    } else if (std::holds_alternative<Built>(observation.finding)) {
        built_ahead_.insert(observation.commit);
    }
}

void GitBisection::record_probe(const Observation& observation) {
    if (!judge_ || confirmation_ || probes_.back().commit != observation.commit) {
        return;
    }
    auto& probe = probes_.back();
    if (const auto stop = judge_->apply(probe, observation.finding)) {
        conclusion_ = Conclusion{ConclusionKind::aborted, {}, {}, 0, stop->reason};
    } else if (probe.verdict) {
        search_.record(probe.commit, *probe.verdict);
        advance();
    }
}

void GitBisection::advance() {
    while (true) {
        const auto step = search_.next();
        if (const auto* end = std::get_if<SearchEnd>(&step)) {
            end_search(*end);
            return;
        }
        const auto& commit = std::get<Proposal>(step).commit;
        probes_.push_back(Trial{commit, TaskKind::probe});
        if (!unbuildable_.contains(commit)) {
            return;
        }
        decide(probes_.back(), Verdict::skip, "does not build (seen when it was built ahead)");
        search_.record(commit, Verdict::skip);
    }
}

void GitBisection::end_search(const SearchEnd& end) {
    switch (end.kind) {
    case SearchEnd::Kind::found:
        start_confirmation(end.suspects.front());
        break;
    case SearchEnd::Kind::only_skipped:
        conclusion_ = Conclusion{ConclusionKind::found_with_skips,
                                 {},
                                 evenly(end.suspects, probability()),
                                 probability(),
                                 nothing_testable_text(search_.range(), trials()) +
                                     only_skipped_text(end.suspects, policy_.terms.bad)};
        break;
    case SearchEnd::Kind::nothing_to_test:
        conclusion_ = Conclusion{ConclusionKind::inconclusive,
                                 {},
                                 {},
                                 0,
                                 "no testable commit is left (the paths given may touch none)"};
        break;
    }
}

void GitBisection::start_confirmation(const CommitId& commit) {
    const auto parent =
        parent_to_confirm(search_.range(), commit, ends_.good().commit, trials(), notes_);
    confirmation_.emplace(*judge_, commit, parent);
}

void GitBisection::record_confirmation(const Observation& observation) {
    if (!confirmation_) {
        return;
    }
    if (const auto stop = confirmation_->record(observation)) {
        conclusion_ = Conclusion{ConclusionKind::aborted, {}, {}, 0, stop->reason};
    } else if (confirmation_->done()) {
        conclude_confirmed();
    }
}

void GitBisection::conclude_confirmed() {
    if (const auto contradiction = confirmation_->contradiction()) {
        conclusion_ = Conclusion{ConclusionKind::inconclusive, {}, {}, 0, *contradiction};
        return;
    }
    if (const auto note = confirmation_->parent_note()) {
        notes_.push_back(*note);
    }
    const auto& commit = confirmation_->trials().front().commit;
    conclusion_ = Conclusion{ConclusionKind::found,
                             commit,
                             {},
                             probability(),
                             first_bad_sentence(commit, policy_.terms.bad),
                             notes_};
}

double GitBisection::probability() const {
    std::vector<Trial> deciding = probes_;
    if (confirmation_) {
        for (const auto& trial : confirmation_->trials()) {
            const auto earlier =
                std::find_if(deciding.begin(), deciding.end(),
                             [&](const Trial& probe) { return probe.commit == trial.commit; });
            if (earlier == deciding.end()) {
                deciding.push_back(trial);
            } else if (trial.verdict == earlier->verdict) {
                earlier->error = combined_error(earlier->error, trial.error);
            }
        }
    }
    double right = 1;
    for (const auto& trial : deciding) {
        right *= 1 - trial.error;
    }
    return right;
}

std::vector<Trial> GitBisection::trials() const {
    std::vector<Trial> all{ends_.good(), ends_.bad()};
    all.insert(all.end(), said_.begin(), said_.end());
    all.insert(all.end(), probes_.begin(), probes_.end());
    if (confirmation_) {
        all.insert(all.end(), confirmation_->trials().begin(), confirmation_->trials().end());
    }
    return all;
}

std::optional<Progress> GitBisection::progress() const {
    if (conclusion_ || confirmation_) {
        return std::nullopt;
    }
    const auto step = search_.next();
    const auto* proposal = std::get_if<Proposal>(&step);
    if (proposal == nullptr) {
        return std::nullopt;
    }
    const auto left = std::to_string(proposal->revisions_left);
    const auto steps = std::to_string(proposal->steps);
    return Progress{proposal->revisions_left, proposal->steps,
                    "Bisecting: " + left + (left == "1" ? " revision" : " revisions") +
                        " left to test after this (roughly " + steps +
                        (steps == "1" ? " step)" : " steps)")};
}

} // namespace lab::core
