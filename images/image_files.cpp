// SPDX-License-Identifier: Apache-2.0
#include "images/image_files.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/sha256.h"
#include "base/text.h"
#include "images/qcow2_header.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <vector>

namespace lab::images {
namespace {

constexpr std::array<const char*, 6> file_names{"disk.qcow2", "kernel",  "initrd",
                                                "files-read", "modules", "tree.tar.zst"};

bool has_content(const std::set<std::string>& names) {
    return names.count("disk.qcow2") != 0 || names.count("tree.tar.zst") != 0;
}

struct stat status_of(const std::filesystem::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0) {
        throw errno_error("read", file.string());
    }
    return status;
}

bool is_allowed(const std::string& name) {
    return std::find(file_names.begin(), file_names.end(), name) != file_names.end();
}

void update_from_file(Sha256& digest, const std::filesystem::path& file,
                      const std::stop_token& stop) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!descriptor) {
        throw errno_error("read", file.string());
    }
    std::vector<char> block(std::size_t{1} << 20U);
    for (;;) {
        throw_if_stopped(stop);
        const auto count = ::read(descriptor.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw errno_error("read", file.string());
        }
        if (count == 0) {
            return;
        }
        digest.update({block.data(), static_cast<std::size_t>(count)});
    }
}

/// Names in the directory; sorted.
std::set<std::string> names_in(const std::filesystem::path& directory) {
    std::set<std::string> names;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(directory, failed), end; entry != end;
         entry.increment(failed)) {
        names.insert(entry->path().filename().string());
    }
    if (failed) {
        throw Error(ErrorCode::infra,
                    "cannot list '" + directory.string() + "': " + failed.message());
    }
    return names;
}

std::string problem_with_file(const std::filesystem::path& file) {
    const auto status = status_of(file);
    const auto name = file.filename().string();
    if (!S_ISREG(status.st_mode)) {
        return name + " is not a regular file";
    }
    if ((status.st_mode & 07777U) != 0444U) {
        return name + " can be written or has a wrong mode (needed: 0444)";
    }
    return {};
}

std::string problem_with_disk(const std::filesystem::path& disk, const std::string& backing) {
    Qcow2Header header;
    try {
        header = read_qcow2_header(disk);
    } catch (const Error& error) {
        return error.what();
    }
    if (header.external_data) {
        return "disk.qcow2 refers to an external data file";
    }
    if (header.backing_file != backing) {
        return "disk.qcow2 claims the backing file '" +
               escape_for_terminal(cap(header.backing_file, 200)) + "' (the index says '" +
               backing + "')";
    }
    return {};
}

} // namespace

void seal(const std::filesystem::path& directory) {
    const auto names = names_in(directory);
    if (!has_content(names)) {
        throw Error(ErrorCode::infra,
                    directory.string() + ": disk.qcow2 or tree.tar.zst is missing");
    }
    for (const auto& name : names) {
        const auto file = directory / name;
        if (!is_allowed(name) || !S_ISREG(status_of(file).st_mode)) {
            throw Error(ErrorCode::infra, directory.string() + ": '" +
                                              escape_for_terminal(cap(name, 100)) +
                                              "' does not belong into an image");
        }
        if (::chmod(file.c_str(), 0444) != 0) {
            throw errno_error("change the mode of", file.string());
        }
        sync_path(file);
    }
    sync_path(directory);
}

std::string digest_of(const std::filesystem::path& directory, const std::filesystem::path& instead,
                      const std::stop_token& stop) {
    Sha256 digest;
    for (const std::string name : file_names) {
        const auto file = name == instead.filename() ? instead : directory / name;
        if (std::filesystem::exists(file)) {
            digest.update(name + ":" + std::to_string(status_of(file).st_size) + ":");
            update_from_file(digest, file, stop);
        }
    }
    return digest.finish();
}

Bytes disk_usage(const std::filesystem::path& directory) {
    std::uint64_t bytes = 0;
    for (const auto& name : names_in(directory)) {
        constexpr std::uint64_t block = 512; // unit of st_blocks, whatever the file system
        bytes += static_cast<std::uint64_t>(status_of(directory / name).st_blocks) * block;
    }
    return {bytes};
}

std::string problem_with(const ports::Image& image, const std::string& backing,
                         const std::stop_token& stop) {
    try {
        const auto names = names_in(image.directory);
        if (!has_content(names)) {
            return "disk.qcow2 or tree.tar.zst is missing";
        }
        for (const auto& name : names) {
            if (!is_allowed(name)) {
                return "'" + escape_for_terminal(cap(name, 100)) + "' does not belong there";
            }
            if (auto problem = problem_with_file(image.directory / name); !problem.empty()) {
                return problem;
            }
        }
        if (names.count("disk.qcow2") != 0) {
            if (auto problem = problem_with_disk(image.disk(), backing); !problem.empty()) {
                return problem;
            }
        }
        if (digest_of(image.directory, image.disk(), stop) != image.digest) {
            return "the content has changed (its digest is not the one in the index)";
        }
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace lab::images
