// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "cli/session.h"

#include <optional>
#include <string>

namespace lab::cli {

/// Shows what a job tells until it is over.
/// @return how it ended; nothing when a signal came (the job goes on).
/// @throws Error timed_out  when it is not over after `limit`.
[[nodiscard]] std::optional<api::JobDetail> watch(Session& session, const std::string& id,
                                                  std::optional<Duration> limit = std::nullopt);

} // namespace lab::cli
