// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/guest_session.h"

#include <string>

namespace lab::engine {

/// How a command ended: "exit code 3", "timed out" or "the connection broke", and behind ": " the
/// last line of what it printed, if any. Thread-safe.
[[nodiscard]] std::string how_it_ended(const ports::CommandResult& result);

/// The last line of what a command printed, capped and without control characters. Thread-safe.
[[nodiscard]] std::string last_line(const std::string& output);

} // namespace lab::engine
