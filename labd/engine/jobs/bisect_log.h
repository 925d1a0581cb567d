// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dependencies.h"

#include <string>

namespace lab::engine {

/// The log of a bisect job in the form of `git bisect log`; `git bisect replay` takes it.
[[nodiscard]] std::string bisect_log_of(const Dependencies& deps, const ports::JobRow& row);

/// Observations, as they are stored, that say of commits of a bisection that they are skipped.
/// @param revisions  revisions and ranges `A..B`.
/// @throws Error bad_input, not_found  when git does not know one, or none lies between the ends.
[[nodiscard]] std::vector<std::string> skipped_commits(const Dependencies& deps,
                                                       const ports::JobRow& row,
                                                       const std::vector<std::string>& revisions);

} // namespace lab::engine
