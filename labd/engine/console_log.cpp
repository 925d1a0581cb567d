// SPDX-License-Identifier: Apache-2.0
#include "engine/console_log.h"

#include "base/error.h"
#include "base/handle.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace lab::engine {
namespace {

/// The last bytes of a file; fewer when it is cut meanwhile.
std::string last_bytes(const FileDescriptor& file, std::uint64_t size, std::uint64_t count) {
    std::string bytes(std::min(size, count), '\0');
    std::size_t got = 0;
    while (got < bytes.size()) {
        const auto more = ::pread(file.get(), bytes.data() + got, bytes.size() - got,
                                  static_cast<off_t>(size - bytes.size() + got));
        if (more <= 0) {
            break;
        }
        got += static_cast<std::size_t>(more);
    }
    bytes.resize(got);
    return bytes;
}

} // namespace

bool cut_log(const std::filesystem::path& file, Bytes limit, Bytes kept) {
    const FileDescriptor log(
        ::open(file.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!log && errno == ENOENT) {
        return false;
    }
    struct stat status {};
    if (!log || ::fstat(log.get(), &status) != 0) {
        throw errno_error("open", file.string());
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (!S_ISREG(status.st_mode) || size <= limit.count) {
        return false;
    }
    const auto tail = last_bytes(log, size, kept.count);
    const auto text = "[lab: " + format_bytes(Bytes{size - tail.size()}) +
                      " of console output were cut off here]\n" + tail;
    if (::ftruncate(log.get(), 0) != 0 ||
        ::write(log.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw errno_error("cut", file.string());
    }
    return true;
}

} // namespace lab::engine
