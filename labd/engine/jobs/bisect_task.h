// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/jobs/job_run.h"
#include "engine/jobs/observation_json.h"

namespace lab::engine {

/// A task of the bisection and how much of it is done already.
struct BisectTask {
    core::Task task;
    unsigned samples_taken = 0; ///< sessions recorded for this commit and kind
};

/// Builds, installs, boots and checks one commit as the task asks for.
///
/// With kernel_only the kernel alone is built first; where that does not build, install or boot the
/// same commit is judged by a full build.
/// @param run   its stop token ends this task only.
/// @throws Error infra, Cancelled
[[nodiscard]] CostedObservation perform(const JobRun& run, const plan::BisectSpec& spec,
                                        const BisectTask& task);

} // namespace lab::engine
