// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bisection.h"
#include "engine/catalog.h"
#include "plan/job_spec.h"
#include "ports/source_repo.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace lab::engine {

/// What a bisection is asked, beside its range: read from the job, the same at every replay.
struct BisectQuestion {
    plan::BisectSpec spec;
    std::shared_ptr<ports::SourceRepo> repo;
    std::optional<plan::ResultClass> metric; ///< of the benchmark; absent without one
    std::stop_token stop = {};               ///< ends the reading of the range
};

/// The repository that a spec bisects.
/// @throws Error not_found
[[nodiscard]] std::shared_ptr<ports::SourceRepo>
bisected_repo(const plan::BisectSpec& spec, const Lab& lab, ports::SourceRepos& repos);

/// @throws Error not_found  when the lab does not know the VM, the benchmark or its resultclass.
[[nodiscard]] BisectQuestion make_question(const plan::BisectSpec& spec, const Lab& lab,
                                           const Catalog& catalog, ports::SourceRepos& repos);

/// The commits between the ends.
[[nodiscard]] core::CommitGraph range_of(const BisectQuestion& question);

/// The bisection before anything was tried.
/// @throws Error bad_input  when the range cannot be bisected.
[[nodiscard]] std::unique_ptr<core::Bisection> begin_bisection(const BisectQuestion& question,
                                                               const core::CommitGraph& range);

} // namespace lab::engine
