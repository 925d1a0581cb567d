// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/conclusion.h"
#include "core/judge.h"
#include "core/observation.h"
#include "core/policy.h"

#include <optional>
#include <variant>
#include <vector>

namespace lab::core {

/// First part of a bisection: proves that the good end is good and the bad end bad, and finds out
/// by what the commits between them are judged. A fold over observations; pure, not thread-safe.
///
/// A metric is measured twice at each end, and again up to five times until the 95 % intervals are
/// apart and one sample of a commit is enough for its share of the confidence aimed at. A bad end
/// that does not boot makes that failure the symptom that is looked for.
class EndCheck {
public:
    /// @param verdicts  how many verdicts the whole bisection is expected to need; they share the
    ///                  error allowed by the policy.
    EndCheck(const CommitId& good, const CommitId& bad, const Policy& policy, unsigned verdicts);

    void record(const Observation& observation);

    /// Empty once there is an outcome.
    [[nodiscard]] std::vector<Task> tasks() const;

    /// How to judge the commits between the ends, or why that cannot be done.
    [[nodiscard]] const std::optional<std::variant<Judge, Conclusion>>& outcome() const noexcept {
        return outcome_;
    }

    [[nodiscard]] const Trial& good() const noexcept { return good_; }
    [[nodiscard]] const Trial& bad() const noexcept { return bad_; }

private:
    void record_bad_boot_failure(const BootFailure& failure);
    void record_good_boot_failure(const BootFailure& failure);
    void record_values(Trial& end, const Measured& measured);
    void record_by_command(Trial& end, const Finding& finding);
    void judge_good_by_boot();
    [[nodiscard]] bool has_wanted_values() const;
    void compare_levels();
    void conclude(ConclusionKind kind, std::string text);
    void conclude_unjudged(Trial& end, const std::string& why);

    [[nodiscard]] Direction direction() const;

    Policy policy_;
    double error_allowed_; ///< for one verdict
    Trial good_;
    Trial bad_;
    bool good_ran_ = false; ///< the good end reached its ready mark at least once
    std::optional<std::string> symptom_;
    std::optional<std::variant<Judge, Conclusion>> outcome_;
};

} // namespace lab::core
