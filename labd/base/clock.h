// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

namespace lab {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Point in time after which a wait ends; monotonic, so clock jumps cannot stretch it.
/// Copyable value, thread-safe.
class Deadline {
public:
    [[nodiscard]] static Deadline in(Duration duration) {
        return Deadline(std::chrono::steady_clock::now() + duration);
    }

    [[nodiscard]] bool passed() const { return std::chrono::steady_clock::now() >= end_; }

    /// Time left, never negative.
    [[nodiscard]] Duration left() const;

    [[nodiscard]] Instant end() const { return end_; }

private:
    explicit Deadline(Instant end) : end_(end) {}
    Instant end_;
};

/// Sleeps for `duration` or until `stop` is requested, whichever is first.
/// @throws Cancelled  when stop was requested.
void sleep_for(Duration duration, const std::stop_token& stop);

/// @throws Cancelled  when stop was requested.
void throw_if_stopped(const std::stop_token& stop);

/// RFC 3339 in UTC with milliseconds, for example "2025-03-01T10:00:00.123Z".
[[nodiscard]] std::string format_time(WallTime time);

/// Seconds since the epoch as a double, the form stored in the database.
[[nodiscard]] double to_epoch_seconds(WallTime time);
[[nodiscard]] WallTime from_epoch_seconds(double seconds);

} // namespace lab
