// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/catalog.h"
#include "engine/resolve.h"
#include "engine/suts/deploy.h"
#include "plan/bench_plan.h"

#include <vector>

namespace lab::engine {

/// The benchmarks of a plan with everything that applies to them: files that are included,
/// parameters, the plan's defaults, counts.
/// @throws Error bad_input, not_found
[[nodiscard]] std::vector<plan::Benchmark> planned_benchmarks(const plan::BenchPlan& plan,
                                                              const Catalog& catalog);

/// The kernel of a profile for a machine by SSH, its paths made absolute; nothing when the profile
/// runs the machine's own.
/// @param file  of the plan: what relative paths start from.
/// @throws Error not_found  when a file is not there; bad_input for modules without a kernel.
[[nodiscard]] std::optional<KernelFiles> planned_kernel(const plan::PlanProfile& profile,
                                                        const std::filesystem::path& file);

/// Checks a plan and all it names, and resolves the kernels that are builds.
/// @throws Error bad_input, not_found; conflict when the store is there and not to be added to;
///         infra when it cannot be reached.
void resolve_plan(plan::PlanSpec& spec, const ResolveContext& context);

} // namespace lab::engine
