// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/places.h"
#include "base/clock.h"

#include <cstdint>
#include <filesystem>

namespace lab::cli {

/// The program labd: beside this program, in the build tree's place for it, or in PATH.
/// @throws Error infra  when there is none.
[[nodiscard]] std::filesystem::path find_labd();

/// Starts labd in the background, free of this terminal and of all our files, and waits until it
/// answers. Two starters at once are fine: labd's lock decides, and both wait for the same socket.
/// @throws Error infra  when labd ends at once or does not answer within 60 s.
void start_daemon(const api::Places& places);

/// Waits until the process has ended.
/// @throws Error timed_out  after `limit`.
void wait_until_gone(std::int64_t pid, Duration limit);

} // namespace lab::cli
