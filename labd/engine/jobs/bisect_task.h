// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/jobs/job_run.h"
#include "engine/jobs/observation_json.h"
#include "engine/jobs/sut_seat.h"
#include "engine/jobs/twins.h"

namespace lab::engine {

/// Builds, installs, boots and checks one commit as the task asks for.
///
/// With kernel_only the kernel alone is built first; where that does not build, install or boot the
/// same commit is judged by a full build.
/// A probe that builds the same as another commit is not tried.
/// @param run   its stop token ends this task only.
/// @param seat  on the machine that the bisection tests on, when that is one by SSH.
/// @throws Error infra, Cancelled
[[nodiscard]] CostedObservation perform(const JobRun& run, const plan::BisectSpec& spec,
                                        const core::Task& task, Twins& twins, SutSeat& seat);

} // namespace lab::engine
