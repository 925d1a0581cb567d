// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/handle.h"
#include "base/units.h"

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

namespace lab::engine {

/// The log of one job on disk: lines "<RFC 3339 time> <source> | <text>". Guest output is kept as
/// bytes; lines are cut at 4 KiB and the file at 256 MiB. Thread-safe.
class JobLog {
public:
    explicit JobLog(const std::filesystem::path& file);

    void line(std::string_view source, std::string_view text);

private:
    std::mutex mutex_;
    FileDescriptor file_;
    std::uint64_t size_ = 0;
};

/// Turns a stream of bytes into lines of a job log and keeps the last ones. Not thread-safe.
class LogStream {
public:
    LogStream(JobLog& log, std::string source) : log_(log), source_(std::move(source)) {}
    LogStream(const LogStream&) = delete;
    LogStream& operator=(const LogStream&) = delete;
    ~LogStream() { flush(); }

    void write(std::string_view bytes);

    /// Writes what stands behind the last line end.
    void flush();

    /// The last 4 KiB written.
    [[nodiscard]] const std::string& tail() const { return tail_; }

private:
    JobLog& log_;
    std::string source_;
    std::string pending_;
    std::string tail_;
};

} // namespace lab::engine
