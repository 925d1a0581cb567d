// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include "base/error.h"
#include "base/handle.h"
#include "base/ids.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <vector>

namespace lab {
namespace {

void write_all(int descriptor, std::string_view content, const std::filesystem::path& file) {
    while (!content.empty()) {
        const auto count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno != EINTR) {
            throw errno_error("write", file.string());
        }
        content.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

constexpr int deepest_tree = 1000;

/// Permits their owner everything in a tree's directories.
void open_directories(const std::filesystem::path& path, int depth) {
    namespace fs = std::filesystem;
    std::error_code none;
    if (depth == 0 || fs::symlink_status(path, none).type() != fs::file_type::directory) {
        return;
    }
    fs::permissions(path, fs::perms::owner_all, fs::perm_options::add, none);
    for (fs::directory_iterator entry(path, none), end; !none && entry != end;
         entry.increment(none)) {
        open_directories(entry->path(), depth - 1);
    }
}

} // namespace

bool path_exists(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
        return true;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        return false;
    }
    throw errno_error("look at", path.string());
}

std::string read_file(const std::filesystem::path& file, Bytes limit) {
    // O_NONBLOCK: opening a FIFO must not hang.
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
        throw errno_error("read", file.string());
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorCode::bad_input, file.string() + ": is not a regular file");
    }
    std::string content;
    std::vector<char> buffer(std::size_t{1} << 16U);
    for (;;) {
        const auto count = ::read(descriptor.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw errno_error("read", file.string());
        }
        if (count == 0) {
            return content;
        }
        content.append(buffer.data(), static_cast<std::size_t>(count));
        if (content.size() > limit.count) {
            throw Error(ErrorCode::bad_input,
                        file.string() + ": is too large (at most " + format_bytes(limit) + ")");
        }
    }
}

void write_file(const std::filesystem::path& file, std::string_view content, FileAccess access) {
    auto temporary = file;
    temporary += ".tmp-" + random_hex(8);
    {
        const mode_t mode = access == FileAccess::owner_only ? 0600 : 0644;
        const FileDescriptor descriptor(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (!descriptor) {
            throw errno_error("create", temporary.string());
        }
        write_all(descriptor.get(), content, temporary);
        if (::fsync(descriptor.get()) != 0) {
            throw errno_error("flush", temporary.string());
        }
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) {
        throw errno_error("replace", file.string());
    }
    sync_path(file.parent_path().empty() ? "." : file.parent_path());
}

void sync_path(const std::filesystem::path& path) {
    const FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor || ::fsync(descriptor.get()) != 0) {
        throw errno_error("flush", path.string());
    }
}

void make_directory(const std::filesystem::path& directory) {
    std::error_code ignored; // mkdir says what is wrong
    if (directory.empty() || std::filesystem::is_directory(directory, ignored)) {
        return;
    }
    make_directory(directory.parent_path());
    if (::mkdir(directory.c_str(), 0700) != 0) {
        const int cause = errno;
        // Another process may have made it in between; a file of that name is no directory.
        if (cause == EEXIST && std::filesystem::is_directory(directory, ignored)) {
            return;
        }
        errno = cause;
        throw errno_error("create", directory.string());
    }
}

std::error_code remove_tree(const std::filesystem::path& path) {
    std::error_code failure;
    std::filesystem::remove_all(path, failure);
    if (failure) {
        open_directories(path, deepest_tree);
        std::filesystem::remove_all(path, failure);
    }
    return failure;
}

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& parent,
                                       const std::string& prefix)
    : path_(parent / (prefix + random_hex(12))) {
    make_directory(parent);
    if (::mkdir(path_.c_str(), 0700) != 0) {
        throw errno_error("create", path_.string());
    }
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::move(other.path_)) {
    other.path_.clear();
}

TemporaryDirectory::~TemporaryDirectory() {
    if (!path_.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

} // namespace lab
