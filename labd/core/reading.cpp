// SPDX-License-Identifier: Apache-2.0
#include "core/reading.h"

#include "core/numbers.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

Reading one(const Outcome& outcome) {
    return std::vector<Outcome>{outcome};
}

Reading read_exit(const Criterion& criterion, const CommandExit& exit) {
    const auto text = exit_text(exit);
    const auto verdict = verdict_of_exit(exit.exit_code);
    if (!verdict) {
        return StopBisection{text};
    }
    if (*verdict == Verdict::skip) {
        return UnusableReading{text, reason_text(exit.first_error)};
    }
    if (criterion.metric) {
        return UnusableReading{"cannot be judged: " + text + " and no metric",
                               reason_text(exit.first_error)};
    }
    return *verdict == Verdict::good ? one(Passed{}) : one(Failed{});
}

Reading read_values(const Criterion& criterion, const std::vector<double>& values) {
    if (!criterion.metric) {
        return one(Passed{}); // values come from commands that succeeded
    }
    const bool usable = !values.empty() && std::all_of(values.begin(), values.end(),
                                                       [](double v) { return std::isfinite(v); });
    if (!usable) {
        return UnusableReading{"cannot be judged: the measurement gave no usable value"};
    }
    std::vector<Outcome> outcomes;
    for (const double value : values) {
        outcomes.emplace_back(Sampled{value});
    }
    return outcomes;
}

Reading read_boot_failure(const Criterion& criterion, const BootFailure& failure) {
    if (criterion.symptom == failure.signature) {
        return one(Failed{});
    }
    return UnusableReading{"does not boot: " + reason_text(failure.reason) +
                           (criterion.symptom ? " (not the failure that is looked for)" : "")};
}

} // namespace

Reading read_finding(const Criterion& criterion, const Finding& finding) {
    if (const auto* unbuildable = std::get_if<Unbuildable>(&finding)) {
        return UnusableReading{"does not build: " + reason_text(unbuildable->reason)};
    }
    if (const auto* failure = std::get_if<BootFailure>(&finding)) {
        return read_boot_failure(criterion, *failure);
    }
    if (std::holds_alternative<Built>(finding) || std::holds_alternative<Said>(finding) ||
        std::holds_alternative<CannotMatter>(finding)) {
        return NoReading{};
    }
    if (criterion.symptom) {
        return one(Passed{});
    }
    if (const auto* failed = std::get_if<CheckFailed>(&finding)) {
        return UnusableReading{"cannot be judged: " + reason_text(failed->reason)};
    }
    if (const auto* exit = std::get_if<CommandExit>(&finding)) {
        return read_exit(criterion, *exit);
    }
    if (const auto* measured = std::get_if<Measured>(&finding)) {
        return read_values(criterion, measured->values);
    }
    return NoReading{};
}

std::string to_string(const Reading& reading) {
    if (const auto* unusable = std::get_if<UnusableReading>(&reading)) {
        return "unusable: " + unusable->why;
    }
    const auto* outcomes = std::get_if<std::vector<Outcome>>(&reading);
    std::string text;
    for (const auto& outcome : outcomes == nullptr ? std::vector<Outcome>() : *outcomes) {
        const auto* sampled = std::get_if<Sampled>(&outcome);
        const bool failed = std::holds_alternative<Failed>(outcome);
        text += (text.empty() ? "" : " ") + (sampled != nullptr
                                                 ? significant(sampled->value)
                                                 : std::string(failed ? "failed" : "passed"));
    }
    return text;
}

} // namespace lab::core
