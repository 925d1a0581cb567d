// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/classification.h"
#include "core/observation.h"
#include "core/verdict.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lab::core {

/// One commit under one kind of task: what was seen of it and what is said of it. A row of the
/// table for people.
struct Trial {
    CommitId commit;
    TaskKind kind = TaskKind::probe;
    unsigned wanted = 1;             ///< samples wanted in all
    std::vector<double> values = {}; ///< one a session; empty unless a metric judges
    unsigned runs = 0;               ///< runs that passed or failed, none when a metric judges
    unsigned failures = 0;           ///< of them
    std::optional<Verdict> verdict = {};
    std::string reason = {}; ///< why this verdict; foreign text in it is capped and escaped
    double error = 0;        ///< estimated chance that the verdict is wrong; 0 for skip
    std::string cause = {};  ///< of a skip: its first line of error, as `reason` is; may be empty
};

/// The observation neither judges nor asks for more: the whole bisection must stop.
struct StopBisection {
    std::string reason;
};

/// Says of a commit what its observations mean. Immutable value, pure, thread-safe.
class Judge {
public:
    /// The 1 + 4 rule of classify().
    [[nodiscard]] static Judge by_metric(const Baselines& baselines) { return Judge(baselines); }

    /// Exit codes as `git bisect run`: 0 good, 125 skip, 1 to 127 bad, others stop the bisection.
    [[nodiscard]] static Judge by_command() { return Judge(Command{}); }

    /// Bad is a boot failure with exactly this signature, good a machine that reaches its ready
    /// mark.
    [[nodiscard]] static Judge by_symptom(std::string signature) {
        return Judge(Symptom{std::move(signature)});
    }

    /// What has to be tried to get a verdict.
    [[nodiscard]] CheckKind check() const noexcept;

    /// Signature of the failure to boot that is bisected, if it is one.
    [[nodiscard]] std::optional<std::string> symptom() const;

    /// Adds a finding to a trial: afterwards it has a verdict or wants more samples.
    [[nodiscard]] std::optional<StopBisection> apply(Trial& trial, const Finding& finding) const;

private:
    struct Command {};
    struct Symptom {
        std::string signature;
    };
    using Criterion = std::variant<Baselines, Command, Symptom>;

    explicit Judge(Criterion criterion) : criterion_(std::move(criterion)) {}

    void apply_values(Trial& trial, const Measured& measured) const;
    [[nodiscard]] std::optional<StopBisection> apply_exit(Trial& trial,
                                                          const CommandExit& exit) const;
    void apply_boot_failure(Trial& trial, const BootFailure& failure) const;

    Criterion criterion_;
};

/// Reason of a verdict that nobody tested.
inline constexpr const char* said_text = "said, not tried";

/// What `git bisect run` reads from a command's exit code; nothing when that stops a bisection.
[[nodiscard]] std::optional<Verdict> verdict_of_exit(int exit_code) noexcept;

/// Why a bisection stops: `what` happened on a commit that no verdict can be read from.
[[nodiscard]] std::string stop_text(const std::string& what, const CommitId& commit);

/// Foreign text as it may stand in a reason: one line, escaped, at most 300 bytes.
[[nodiscard]] std::string reason_text(const std::string& foreign);

/// "the command ended with exit code 125: main.c:3: error: ..."; one line, escaped.
[[nodiscard]] std::string exit_text(const CommandExit& exit);

/// The task that takes the samples a trial still wants.
[[nodiscard]] Task task_for(const Trial& trial, BuildKind build, CheckKind check);

/// Gives a trial its verdict.
void decide(Trial& trial, Verdict verdict, std::string reason, double error = 0);

} // namespace lab::core
