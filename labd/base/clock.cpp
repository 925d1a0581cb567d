// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>

namespace lab {

Duration Deadline::left() const {
    const auto left = end_ - clock_();
    return std::max(Duration::zero(), std::chrono::duration_cast<Duration>(left));
}

void sleep_for(Duration duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
    throw_if_stopped(stop);
}

void throw_if_stopped(const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw Cancelled{};
    }
}

std::string format_time(WallTime time) {
    using namespace std::chrono;
    const auto since_epoch = duration_cast<milliseconds>(time.time_since_epoch());
    const auto seconds = static_cast<std::time_t>(floor<std::chrono::seconds>(since_epoch).count());
    const auto millis =
        static_cast<int>((since_epoch - floor<std::chrono::seconds>(since_epoch)).count());
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s.%03dZ", date.data(), millis);
    return text.data();
}

double to_epoch_seconds(WallTime time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

WallTime from_epoch_seconds(double seconds) {
    return WallTime(
        std::chrono::duration_cast<WallTime::duration>(std::chrono::duration<double>(seconds)));
}

} // namespace lab
