// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace lab::engine {

/// Seconds since `start`, by the monotonic clock: what results and labels hold.
[[nodiscard]] inline double seconds_since(Instant start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace lab::engine
