// SPDX-License-Identifier: Apache-2.0
#include "core/judge.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

constexpr std::size_t reason_limit = 300;
constexpr int skip_code = 125;
constexpr int largest_bad_code = 127;

bool all_finite(const std::vector<double>& values) {
    return !values.empty() &&
           std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

} // namespace

std::optional<Verdict> verdict_of_exit(int exit_code) noexcept {
    if (exit_code < 0 || exit_code > largest_bad_code) {
        return std::nullopt;
    }
    return exit_code == 0 ? Verdict::good : exit_code == skip_code ? Verdict::skip : Verdict::bad;
}

std::string stop_text(const std::string& what, const CommitId& commit) {
    return what + " on " + commit.hex() +
           " (0 good, 125 skip, 1 to 127 bad; others stop the bisection)";
}

std::string reason_text(const std::string& foreign) {
    std::string line = cap(foreign, reason_limit);
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::replace(line.begin(), line.end(), '\t', ' ');
    return cap(escape_for_terminal(trim(line)), reason_limit);
}

std::string exit_text(const CommandExit& exit) {
    const auto text = "the command ended with exit code " + std::to_string(exit.exit_code);
    return exit.first_error.empty() ? text : text + ": " + reason_text(exit.first_error);
}

void decide(Trial& trial, Verdict verdict, std::string reason, double error) {
    trial.verdict = verdict;
    trial.reason = std::move(reason);
    trial.error = verdict == Verdict::skip ? 0 : std::max(error, least_error);
}

Task task_for(const Trial& trial, BuildKind build, CheckKind check) {
    const auto taken = static_cast<unsigned>(trial.values.size());
    return {trial.commit, trial.kind, build, check, std::max(trial.wanted, taken + 1) - taken,
            taken};
}

CheckKind Judge::check() const noexcept {
    return std::holds_alternative<Symptom>(criterion_) ? CheckKind::boot_only : CheckKind::full;
}

std::optional<std::string> Judge::symptom() const {
    const auto* symptom = std::get_if<Symptom>(&criterion_);
    return symptom == nullptr ? std::nullopt : std::optional(symptom->signature);
}

std::optional<StopBisection> Judge::apply(Trial& trial, const Finding& finding) const {
    if (const auto* unbuildable = std::get_if<Unbuildable>(&finding)) {
        decide(trial, Verdict::skip, "does not build: " + reason_text(unbuildable->reason));
    } else if (const auto* failure = std::get_if<BootFailure>(&finding)) {
        apply_boot_failure(trial, *failure);
    } else if (std::holds_alternative<Built>(finding) || std::holds_alternative<Said>(finding) ||
               std::holds_alternative<CannotMatter>(finding)) {
        // A build alone says nothing about the commit.
    } else if (symptom()) {
        decide(trial, Verdict::good, "boots");
    } else if (const auto* failed = std::get_if<CheckFailed>(&finding)) {
        decide(trial, Verdict::skip, "cannot be judged: " + reason_text(failed->reason));
    } else if (const auto* exit = std::get_if<CommandExit>(&finding)) {
        return apply_exit(trial, *exit);
    } else if (const auto* measured = std::get_if<Measured>(&finding)) {
        apply_values(trial, *measured);
    }
    return std::nullopt;
}

void Judge::apply_values(Trial& trial, const Measured& measured) const {
    const auto* baselines = std::get_if<Baselines>(&criterion_);
    if (baselines == nullptr || !all_finite(measured.values)) {
        decide(trial, Verdict::skip, "cannot be judged: the measurement gave no usable value");
        return;
    }
    trial.values.insert(trial.values.end(), measured.values.begin(), measured.values.end());
    const auto classification = classify(*baselines, trial.values);
    if (const auto* more = std::get_if<MoreSamples>(&classification)) {
        trial.wanted = static_cast<unsigned>(trial.values.size() + more->count);
        return;
    }
    const auto& classified = std::get<Classified>(classification);
    decide(trial, classified.verdict, classified.reason, classified.error);
}

std::optional<StopBisection> Judge::apply_exit(Trial& trial, const CommandExit& exit) const {
    const auto text = exit_text(exit);
    if (std::holds_alternative<Baselines>(criterion_)) {
        decide(trial, Verdict::skip, "cannot be judged: " + text + " and no metric");
        return std::nullopt;
    }
    const auto verdict = verdict_of_exit(exit.exit_code);
    if (!verdict) {
        return StopBisection{stop_text(text, trial.commit)};
    }
    decide(trial, *verdict, text);
    trial.cause = *verdict == Verdict::skip ? reason_text(exit.first_error) : "";
    return std::nullopt;
}

void Judge::apply_boot_failure(Trial& trial, const BootFailure& failure) const {
    const std::string text = "does not boot: " + reason_text(failure.reason);
    const auto* symptom = std::get_if<Symptom>(&criterion_);
    if (symptom == nullptr) {
        decide(trial, Verdict::skip, text);
    } else if (symptom->signature == failure.signature) {
        decide(trial, Verdict::bad, text);
    } else {
        decide(trial, Verdict::skip, text + " (not the failure that is looked for)");
    }
}

} // namespace lab::core
