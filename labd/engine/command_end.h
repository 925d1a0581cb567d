// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/observation.h"
#include "ports/guest_session.h"

#include <optional>
#include <string>

namespace lab::engine {

/// How a command ended: "exit code 3", "timed out" or "the connection broke", and behind ": " the
/// last line of what it printed, if any. Thread-safe.
[[nodiscard]] std::string how_it_ended(const ports::CommandResult& result);

/// The last line of what a command printed, capped and without control characters. Thread-safe.
[[nodiscard]] std::string last_line(const std::string& output);

/// The signal by which a command was ended, as a shell says it by its exit code; nothing when it
/// ended otherwise. What lab ends itself is no such finding.
[[nodiscard]] std::optional<int> signal_of(const core::Finding& finding);

/// Whether the command asked for the bisection's end, as `git bisect run` reads its exit code.
[[nodiscard]] bool stops_bisection(const core::Finding& finding);

} // namespace lab::engine
