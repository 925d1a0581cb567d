// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bisection.h"
#include "engine/dependencies.h"
#include "engine/jobs/observation_json.h"
#include "plan/job_spec.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace lab::engine {

/// What a bisection is asked, beside its range: read from the job, the same at every replay.
struct BisectQuestion {
    plan::BisectSpec spec;
    std::shared_ptr<ports::SourceRepo> repo;
    std::optional<plan::Benchmark> benchmark; ///< absent when a command judges
};

/// A bisection with what it has seen: rebuilt from stored observations at any time.
/// Not thread-safe.
class BisectState {
public:
    /// @throws Error bad_input  when the range cannot be bisected.
    BisectState(BisectQuestion question, const std::vector<std::string>& stored);

    void record(const CostedObservation& costed);

    [[nodiscard]] const core::Bisection& bisection() const { return bisection_; }

    /// Sessions recorded for a commit and kind.
    [[nodiscard]] unsigned samples_taken(const core::Task& task) const;

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

    static core::Bisection make_bisection(const BisectQuestion& question);
    [[nodiscard]] nlohmann::json row(const core::Trial& trial) const;
    [[nodiscard]] nlohmann::json info(const core::CommitId& commit) const;

    BisectQuestion question_;
    core::Bisection bisection_;
    std::map<TrialKey, Cost> costs_;
    std::map<TrialKey, unsigned> samples_;
    mutable std::map<core::CommitId, std::string> subjects_;
};

} // namespace lab::engine
