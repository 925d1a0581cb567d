// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/console_watch.h"
#include "engine/job_log.h"

#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lab::engine {

/// Reads a machine's console by the program that prints it, into a job's log, in a thread of its
/// own; ends the program with the object.
class SutConsole {
public:
    /// @param argv  empty = there is no console.
    SutConsole(JobLog& log, const std::string& name, std::vector<std::string> argv);

    /// The first line that looks like a crash, once there was one.
    [[nodiscard]] std::optional<core::Crash> crash() const;

private:
    void follow(const std::vector<std::string>& argv, const std::stop_token& stop);

    mutable std::mutex mutex_;
    core::ConsoleWatch watch_;
    LogStream log_;
    std::jthread thread_; // last: it uses the members above
};

} // namespace lab::engine
