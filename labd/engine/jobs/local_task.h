// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/jobs/checkout_pool.h"
#include "engine/jobs/job_run.h"
#include "engine/jobs/observation_json.h"
#include "plan/job_spec.h"

namespace lab::engine {

/// Runs the command of a bisection without machines once, in a checkout of the task's commit.
///
/// It finds LAB_COMMIT and LAB_CHECKOUT in its environment. Values it prints count when it ends
/// with 0. A clean build is a checkout that no other commit was built in.
/// @param run  its stop token ends this task only; the command is then killed.
/// @throws Error infra, not_found (no such program), Cancelled
[[nodiscard]] CostedObservation perform_locally(const JobRun& run, const plan::LocalCheck& check,
                                                CheckoutPool& pool, const core::Task& task);

} // namespace lab::engine
