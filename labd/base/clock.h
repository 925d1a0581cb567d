// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

namespace lab {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Tells the time that a deadline goes by; it may stand still, but not go back. Thread-safe.
using Clock = std::function<Instant()>;

/// How long something may take, by which clock.
struct Timeout {
    template <class Rep, class Period>
    // A plain duration is by the monotonic clock.
    Timeout(std::chrono::duration<Rep, Period> duration, // NOLINT(google-explicit-constructor)
            Clock by = &std::chrono::steady_clock::now)
        : length(std::chrono::duration_cast<Duration>(duration)), clock(std::move(by)) {}

    Duration length;
    Clock clock;
};

/// Point in time after which a wait ends; monotonic, so clock jumps cannot stretch it.
/// Copyable value, thread-safe.
class Deadline {
public:
    [[nodiscard]] static Deadline in(const Timeout& timeout) {
        return {timeout.clock() + timeout.length, timeout.clock};
    }

    [[nodiscard]] bool passed() const { return clock_() >= end_; }

    /// Time left, never negative.
    [[nodiscard]] Duration left() const;

    [[nodiscard]] Instant end() const { return end_; }

private:
    Deadline(Instant end, Clock clock) : end_(end), clock_(std::move(clock)) {}
    Instant end_;
    Clock clock_;
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
