// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"
#include "core/build_costs.h"
#include "core/run_times.h"
#include "engine/jobs/bisect_question.h"
#include "engine/jobs/observation_json.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace lab::engine {

/// A bisection with what it has seen: rebuilt from stored observations at any time.
/// Not thread-safe.
class BisectState {
public:
    /// @throws Error bad_input  when the range cannot be bisected.
    BisectState(BisectQuestion question, const std::vector<std::string>& stored);

    void record(const CostedObservation& costed);

    /// Builds of these commits are there already and cost nothing.
    void builds_are_there(const std::vector<core::CommitId>& commits);

    [[nodiscard]] const core::Bisection& bisection() const { return *bisection_; }

    [[nodiscard]] const core::CommitGraph& range() const { return range_; }

    /// Commits that were dropped because they cannot matter.
    [[nodiscard]] const std::vector<core::CommitId>& dropped() const { return dropped_; }

    /// Whether a run must not have another one beside it: it happens on this host, and what judges
    /// is a value, or may be one as long as no run has ended.
    [[nodiscard]] bool measures_alone() const;

    /// What builds and samples cost, learned from those so far, in seconds.
    [[nodiscard]] core::ProbeCosts costs() const;

    /// The job's result so far, in the form the command line shows.
    [[nodiscard]] nlohmann::json report() const;

    /// Subject of a commit, safe for a terminal.
    [[nodiscard]] std::string subject(const core::CommitId& commit) const;

private:
    struct Cost {
        double build_seconds = 0.0;
        double test_seconds = 0.0;
    };
    using TrialKey = std::pair<core::CommitId, core::TaskKind>;

    [[nodiscard]] std::optional<std::size_t> place_of(const core::CommitId& commit) const;
    [[nodiscard]] Cost cost_of(const CostedObservation& costed);
    void pay(const CostedObservation& costed);
    [[nodiscard]] double seconds_left(const core::Progress& progress) const;
    [[nodiscard]] nlohmann::json row(const core::Trial& trial) const;
    [[nodiscard]] nlohmann::json info(const core::CommitId& commit) const;

    BisectQuestion question_;
    core::CommitGraph range_;
    std::unique_ptr<core::Bisection> bisection_;
    core::BuildCosts build_costs_;
    core::RunTimes run_times_;
    std::optional<bool> gives_values_; ///< the command; the first run that was judged tells
    double build_seconds_ = 0.0;       ///< of builds that were paid for
    unsigned builds_ = 0;
    std::map<TrialKey, Cost> costs_;
    std::vector<core::CommitId> dropped_;
    mutable std::map<core::CommitId, std::string> subjects_;
};

} // namespace lab::engine
