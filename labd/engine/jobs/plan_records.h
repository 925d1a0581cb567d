// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/steps/session.h"
#include "plan/bench_plan.h"
#include "ports/result_store.h"

namespace lab::engine {

/// One boot of a plan: what is measured, and on what.
struct PlanSession {
    ports::SutRecord sut; ///< its name, and what is known of it without asking
    const plan::PlanProfile& profile;
    std::string commit; ///< of the build that was booted; empty = the machine's own root
    const plan::Benchmark& benchmark;
};

/// What a result store keeps of the machine, the profile and the benchmark themselves. Pure.
[[nodiscard]] ports::ResultBatch objects_of(const PlanSession& session);

/// What a result store keeps of a session: its samples, the error row of an invocation that gave
/// none, and everything that they refer to. Pure.
[[nodiscard]] ports::ResultBatch records_of(const PlanSession& session,
                                            const SessionOutcome& outcome);

} // namespace lab::engine
