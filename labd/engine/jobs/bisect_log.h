// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dependencies.h"

#include <string>

namespace lab::engine {

/// The log of a bisect job in the form of `git bisect log`; `git bisect replay` takes it.
[[nodiscard]] std::string bisect_log_of(const Dependencies& deps, const ports::JobRow& row);

} // namespace lab::engine
