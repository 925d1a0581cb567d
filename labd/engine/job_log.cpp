// SPDX-License-Identifier: Apache-2.0
#include "engine/job_log.h"

#include "base/clock.h"
#include "base/error.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace lab::engine {
namespace {

constexpr std::size_t line_limit = 4096;
constexpr std::size_t tail_limit = 4096;
constexpr Bytes file_limit = mebibytes(256);

/// The text of a line, or its beginning and how much of it is not shown.
std::string line_text(std::string_view text) {
    if (text.size() <= line_limit) {
        return std::string(text);
    }
    return std::string(text.substr(0, line_limit)) + " [... " +
           format_bytes({text.size() - line_limit}) + " left out ...]";
}

} // namespace

JobLog::JobLog(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    struct stat status {};
    if (!file_ || ::fstat(file_.get(), &status) != 0) {
        throw errno_error("open", file.string());
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
}

void JobLog::line(std::string_view source, std::string_view text) {
    auto line = format_time(std::chrono::system_clock::now()) + " " + std::string(source) + " | " +
                line_text(text) + "\n";
    const std::lock_guard lock(mutex_);
    if (size_ >= file_limit.count) {
        return;
    }
    size_ += line.size();
    if (size_ >= file_limit.count) {
        line += "... log is full (" + format_bytes(file_limit) + "), the rest is dropped\n";
    }
    // A log that cannot be written must not fail the work it describes.
    static_cast<void>(!::write(file_.get(), line.data(), line.size()));
}

void LogStream::write(std::string_view bytes) {
    tail_ += bytes;
    if (tail_.size() > tail_limit) {
        tail_.erase(0, tail_.size() - tail_limit);
    }
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        pending_ += bytes.substr(0, end);
        if (end == std::string_view::npos) {
            if (pending_.size() > line_limit) {
                flush();
            }
            return;
        }
        if (!pending_.empty() && pending_.back() == '\r') {
            pending_.pop_back();
        }
        log_.line(source_, pending_);
        pending_.clear();
        bytes.remove_prefix(end + 1);
    }
}

void LogStream::flush() {
    if (!pending_.empty()) {
        log_.line(source_, pending_);
        pending_.clear();
    }
}

} // namespace lab::engine
