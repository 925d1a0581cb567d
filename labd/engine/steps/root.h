// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/job_context.h"
#include "engine/workshop.h"

namespace lab::engine {

/// The root image of a machine's template, made when it is not there yet.
/// @throws Error infra, Cancelled
[[nodiscard]] ports::ImageLease ensure_root(Workshop& shop, JobContext& job,
                                            const plan::Template& machine,
                                            const std::stop_token& stop);

} // namespace lab::engine
