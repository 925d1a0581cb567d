// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/job_context.h"
#include "engine/workshop.h"
#include "plan/bench_plan.h"

namespace lab::engine {

/// The machine that was added by this name.
/// @throws Error not_found
[[nodiscard]] ports::Sut added_sut(ports::SutStore& suts, const std::string& name);

/// The machine that a plan means: one that was added, by its name or by the host and port of the
/// connection; else the connection with the host key of the user's known_hosts, which is asked for
/// once in a job.
/// @throws Error not_found  no such machine was added.
/// @throws Error infra      the machine does not answer, or its key is not known or has changed.
[[nodiscard]] ports::Sut planned_sut(Workshop& shop, JobContext& job, const plan::PlanSut& sut,
                                     const std::stop_token& stop);

} // namespace lab::engine
