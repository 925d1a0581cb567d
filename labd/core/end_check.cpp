// SPDX-License-Identifier: Apache-2.0
#include "core/end_check.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

constexpr unsigned least_end_samples = 2;

std::string name_of(const Trial& end) {
    const char* side = end.kind == TaskKind::end_good ? "the good end " : "the bad end ";
    return side + end.commit.hex();
}

} // namespace

EndCheck::EndCheck(const CommitId& good, const CommitId& bad, const Policy& policy,
                   unsigned verdicts)
    : policy_(policy), error_allowed_((1 - policy.confidence) / std::max(verdicts, 1U)),
      good_{good, TaskKind::end_good}, bad_{bad, TaskKind::end_bad} {
    if (policy_.judged_by == JudgedBy::metric) {
        good_.wanted = least_end_samples;
        bad_.wanted = least_end_samples;
    }
}

std::vector<Task> EndCheck::tasks() const {
    std::vector<Task> tasks;
    if (outcome_) {
        return tasks;
    }
    const auto add = [&](const Trial& end) {
        const auto check = symptom_ ? CheckKind::boot_only : CheckKind::full;
        if (!end.verdict && end.values.size() < end.wanted) {
            tasks.push_back(task_for(end, BuildKind::any, check));
        }
    };
    add(good_);
    add(bad_);
    return tasks;
}

void EndCheck::record(const Observation& observation) {
    const bool is_good = observation.kind == TaskKind::end_good;
    auto& end = is_good ? good_ : bad_;
    if (outcome_ || end.verdict || end.commit != observation.commit) {
        return;
    }
    const auto& finding = observation.finding;
    if (const auto* failure = std::get_if<BootFailure>(&finding)) {
        if (is_good) {
            record_good_boot_failure(*failure);
        } else {
            record_bad_boot_failure(*failure);
        }
    } else if (const auto* unbuildable = std::get_if<Unbuildable>(&finding)) {
        conclude_unjudged(end, "does not build: " + reason_text(unbuildable->reason));
    } else if (symptom_ && !std::holds_alternative<Built>(finding)) {
        judge_good_by_boot();
    } else if (const auto* failed = std::get_if<CheckFailed>(&finding)) {
        conclude_unjudged(end, "cannot be judged: " + reason_text(failed->reason));
    } else if (const auto* measured = std::get_if<Measured>(&finding);
               measured != nullptr && policy_.judged_by != JudgedBy::command) {
        record_values(end, *measured);
    } else if (policy_.judged_by != JudgedBy::metric) {
        policy_.judged_by = JudgedBy::command;
        record_by_command(end, finding);
    } else if (const auto* exit = std::get_if<CommandExit>(&finding)) {
        conclude_unjudged(end, "ended with exit code " + std::to_string(exit->exit_code) +
                                   " and no metric");
    }
}

void EndCheck::record_bad_boot_failure(const BootFailure& failure) {
    if (!bad_.values.empty()) {
        conclude_unjudged(bad_, "does not boot every time: " + reason_text(failure.reason));
        return;
    }
    symptom_ = failure.signature;
    bad_.wanted = 1;
    good_.wanted = 1;
    decide(bad_, Verdict::bad, "does not boot: " + reason_text(failure.reason));
    if (good_ran_) {
        judge_good_by_boot();
    }
}

void EndCheck::record_good_boot_failure(const BootFailure& failure) {
    const auto why = "does not boot: " + reason_text(failure.reason);
    if (symptom_ == failure.signature) {
        decide(good_, Verdict::bad, why);
        conclude(ConclusionKind::no_culprit,
                 name_of(good_) + " " + why +
                     "; the bad end fails in the same way (the good end "
                     "must boot)");
    } else {
        conclude_unjudged(good_, why);
    }
}

void EndCheck::judge_good_by_boot() {
    decide(good_, Verdict::good, "boots");
    outcome_ = Judge::by_symptom(*symptom_);
}

void EndCheck::record_by_command(Trial& end, const Finding& finding) {
    const auto judge = Judge::by_command();
    if (const auto stop = judge.apply(end, finding)) {
        conclude(ConclusionKind::aborted, stop->reason);
        return;
    }
    if (!end.verdict) {
        return;
    }
    const bool is_good = &end == &good_;
    good_ran_ = good_ran_ || is_good;
    if (end.verdict == Verdict::skip) {
        conclude_unjudged(end, end.reason);
    } else if (is_good && end.verdict == Verdict::bad) {
        conclude(ConclusionKind::no_culprit, name_of(end) + " is bad: " + end.reason +
                                                 " (the good end must be judged good, 0)");
    } else if (!is_good && end.verdict == Verdict::good) {
        conclude(ConclusionKind::no_culprit,
                 name_of(end) + " is good, the regression does not show: " + end.reason +
                     " (the bad end must be judged bad, 1 to 127 but 125)");
    } else if (good_.verdict && bad_.verdict) {
        outcome_ = judge;
    }
}

void EndCheck::record_values(Trial& end, const Measured& measured) {
    const auto& values = measured.values;
    if (values.empty() ||
        !std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
        conclude_unjudged(end, "cannot be judged: the measurement gave no usable value");
        return;
    }
    if (policy_.judged_by == JudgedBy::first_finding) {
        policy_.judged_by = JudgedBy::metric;
        good_.wanted = std::max(good_.wanted, least_end_samples);
        bad_.wanted = std::max(bad_.wanted, least_end_samples);
    }
    end.values.insert(end.values.end(), values.begin(), values.end());
    good_ran_ = good_ran_ || &end == &good_;
    compare_levels();
}

bool EndCheck::has_wanted_values() const {
    return good_.values.size() >= good_.wanted && bad_.values.size() >= bad_.wanted;
}

Direction EndCheck::direction() const {
    const bool rises = mean(bad_.values) > mean(good_.values);
    return policy_.direction.value_or(rises ? Direction::lower_is_better
                                            : Direction::higher_is_better);
}

void EndCheck::compare_levels() {
    while (!outcome_ && has_wanted_values()) {
        const auto baselines = Baselines::create(good_.values, bad_.values, direction());
        const bool sharp = baselines && baselines->single_sample_error() <= error_allowed_;
        if (!sharp && good_.wanted < most_samples) {
            ++good_.wanted;
            ++bad_.wanted;
        } else if (baselines) {
            decide(good_, Verdict::good, to_string(baselines->good()));
            decide(bad_, Verdict::bad, to_string(baselines->bad()));
            outcome_ = Judge::by_metric(*baselines);
        } else {
            conclude(ConclusionKind::no_culprit, baselines.error());
        }
    }
}

void EndCheck::conclude(ConclusionKind kind, std::string text) {
    outcome_ = Conclusion{kind, {}, {}, 0, std::move(text)};
}

void EndCheck::conclude_unjudged(Trial& end, const std::string& why) {
    decide(end, Verdict::skip, why);
    conclude(ConclusionKind::inconclusive,
             name_of(end) + " " + why + " (both ends must build, boot and be judged)");
}

} // namespace lab::core
