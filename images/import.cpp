// SPDX-License-Identifier: Apache-2.0
#include "images/import.h"

#include "base/error.h"
#include "base/handle.h"
#include "base/process.h"
#include "base/sha256.h"
#include "images/download.h"
#include "images/qcow2_header.h"
#include "images/qemu_img.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lab::images {
namespace {

Error refused(const std::string& name, const std::string& what) {
    return {ErrorCode::bad_input, name + ": " + what};
}

/// A regular file of the user's, opened once: whatever its path leads to afterwards.
struct OutsideFile {
    FileDescriptor descriptor;
    Bytes size;
};

OutsideFile open_outside(const std::filesystem::path& file) {
    OutsideFile outside{
        FileDescriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)), {}};
    if (!outside.descriptor && errno == ELOOP) {
        throw refused(file.string(), "is a symbolic link (name the file itself)");
    }
    if (!outside.descriptor && errno == ENOENT) {
        throw Error(ErrorCode::not_found, file.string() + ": there is no such image");
    }
    struct stat status {};
    if (!outside.descriptor || ::fstat(outside.descriptor.get(), &status) != 0) {
        throw refused(file.string(), "cannot be read");
    }
    if (!S_ISREG(status.st_mode)) {
        throw refused(file.string(), "is not a regular file");
    }
    if (status.st_size == 0) {
        throw refused(file.string(), "is empty");
    }
    outside.size = {static_cast<std::uint64_t>(status.st_size)};
    return outside;
}

/// Copies it to a file that only we write. Holes stay holes; where the file system can, no byte is
/// copied. A file that grows meanwhile ends at the limit.
void copy_to(const std::filesystem::path& copy, const OutsideFile& outside,
             const std::stop_token& stop) {
    const auto file =
        "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(outside.descriptor.get());
    run_process_checked({.argv = {"prlimit", "--fsize=" + std::to_string(outside.size.count), "cp",
                                  "--sparse=always", "--reflink=auto", file, copy.string()},
                         .timeout = std::chrono::hours(1)},
                        stop);
}

void require_size(const std::string& name, Bytes size, Bytes limit) {
    if (size > limit) {
        throw refused(name, "virtual size is " + format_bytes(size) + " (at most " +
                                format_bytes(limit) + ")");
    }
}

/// Before anything is copied. A qcow2 image needs little more than its disk when it is full.
void check_file_size(const DiskFile& disk, Bytes size, Bytes limit) {
    if (disk.format == plan::ImageFormat::raw) {
        require_size(disk.name, size, limit);
    } else if (size.count / 2 > limit.count) {
        throw refused(disk.name, "the file is too large (at most twice its virtual size's limit, " +
                                     format_bytes(limit) + ")");
    }
}

void check_header(const DiskFile& disk, Bytes limit) {
    const auto header = read_qcow2_header(disk.path, disk.name);
    if (!header.backing_file.empty() || header.external_data) {
        throw refused(disk.name, "the image refers to another file "
                                 "(allowed: images without backing and data file)");
    }
    if (header.encrypted) {
        throw refused(disk.name, "the image is encrypted (allowed: images without encryption)");
    }
    if (header.corrupt || header.dirty) {
        throw refused(disk.name, std::string("the image is marked as ") +
                                     (header.corrupt ? "corrupt" : "not closed") +
                                     " (repair it with qemu-img check -f qcow2 -r all)");
    }
    if (header.snapshots != 0) {
        throw refused(disk.name,
                      "the image holds snapshots (remove them with qemu-img snapshot -d)");
    }
    require_size(disk.name, header.virtual_size, limit);
}

/// Refuses a qcow2 image that does not stand alone or is not whole.
void check_qcow2(const DiskFile& disk, Bytes limit, const std::stop_token& stop) {
    // Our own reading of the header comes first: QEMU's reader opens what a header names.
    check_header(disk, limit);
    const auto info = inspect(disk);
    if (!info.backing_file.empty() || !info.data_file.empty() || info.encrypted ||
        info.has_snapshots || info.corrupt) {
        throw refused(disk.name,
                      "the image does not stand alone or is damaged "
                      "(allowed: images without backing, data file, encryption, snapshots)");
    }
    require_size(disk.name, info.virtual_size, limit);
    if (const auto trouble = check(disk, stop)) {
        throw refused(disk.name, "the image is damaged: " + *trouble);
    }
}

} // namespace

bool is_url(const std::string& location) {
    return location.rfind("http://", 0) == 0 || location.rfind("https://", 0) == 0;
}

void import_image(const ImportRequest& request, const std::stop_token& stop) {
    const auto& source = request.source;
    // All checks are of this file, and it is what is converted: nobody else can change it.
    const DiskFile disk{request.work / "outside", source.format, shown_location(source.location)};
    if (is_url(source.location)) {
        download(source.location, disk.path, request.size_limit, stop);
        static_cast<void>(open_outside(disk.path));
    } else {
        const auto outside = open_outside(source.location);
        check_file_size(disk, outside.size, request.size_limit);
        copy_to(disk.path, outside, stop);
    }
    if (!source.sha256.empty() && sha256_of_file(disk.path) != source.sha256) {
        throw Error(ErrorCode::bad_input,
                    disk.name + ": SHA-256 is not the one given (" + source.sha256 + ")");
    }
    if (source.format == plan::ImageFormat::qcow2) {
        check_qcow2(disk, request.size_limit, stop);
    }
    convert(disk, {request.disk, plan::ImageFormat::qcow2}, stop);
    std::error_code ignored; // its directory goes soon
    std::filesystem::remove(disk.path, ignored);
}

} // namespace lab::images
