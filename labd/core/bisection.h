// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "core/commit.h"
#include "core/conclusion.h"
#include "core/confirmation.h"
#include "core/end_check.h"
#include "core/git_search.h"
#include "core/observation.h"

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

namespace lab::core {

/// What is bisected.
struct BisectionInput {
    CommitGraph range; ///< commits reachable from bad and not from good; bad first
    CommitId good;     ///< an ancestor of bad, outside the range
    CommitId bad;
    Policy policy;
};

/// A whole bisection as a fold over observations: the ends are checked, git's search is walked, the
/// commit found is confirmed.
///
/// Value type; no clock, no I/O, not thread-safe. The same input and the same observations in the
/// same order give the same state and the same answers, so that a killed engine replays what it
/// stored and goes on. Observations that nobody waits for any more change nothing.
class Bisection {
public:
    /// @return diagnostics when the range does not start with `bad`, holds `good`, or is no range
    ///         for GitSearch, or when the policy's confidence is outside (0.5, 1).
    [[nodiscard]] static Parsed<Bisection> create(BisectionInput input);

    /// Tasks wanted now, most important first, `most` at most. The first ones decide how it goes
    /// on; lookahead ones are builds that may be asked for next. Empty once there is a conclusion.
    [[nodiscard]] std::vector<Task> next(std::size_t most) const;

    void record(const Observation& observation);

    [[nodiscard]] const std::optional<Conclusion>& conclusion() const noexcept {
        return conclusion_;
    }

    /// Everything tried so far, in the order first asked for: the table for people. Trials without
    /// a verdict are still under way or were dropped by the conclusion.
    [[nodiscard]] std::vector<Trial> trials() const;

    /// The search's view of what is left, while it is running: git's two numbers.
    [[nodiscard]] std::optional<Proposal> progress() const;

    /// Signature of the failure to boot that is looked for, when the bad end does not boot.
    [[nodiscard]] std::optional<std::string> symptom() const;

    [[nodiscard]] const CommitId& good() const noexcept { return ends_.good().commit; }
    [[nodiscard]] const CommitId& bad() const noexcept { return ends_.bad().commit; }

private:
    Bisection(GitSearch search, BisectionInput input);

    void record_probe(const Observation& observation);
    void record_confirmation(const Observation& observation);
    void record_lookahead(const Observation& observation);
    void take_end_outcome();
    void advance();
    void end_search(const SearchEnd& end);
    void start_confirmation(const CommitId& commit);
    void conclude_confirmed();
    [[nodiscard]] std::optional<CommitId> parent_to_confirm(const CommitId& commit);
    [[nodiscard]] std::vector<Task> lookahead_tasks() const;
    [[nodiscard]] double probability() const;

    Policy policy_;
    GitSearch search_;
    EndCheck ends_;
    std::optional<Judge> judge_; ///< from the ends; the search runs once it is there
    std::vector<Trial> probes_;
    std::optional<Confirmation> confirmation_;
    std::set<CommitId> unbuildable_; ///< lookahead builds that failed
    std::set<CommitId> built_ahead_;
    std::vector<std::string> notes_;
    std::optional<Conclusion> conclusion_;
};

} // namespace lab::core
