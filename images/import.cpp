// SPDX-License-Identifier: Apache-2.0
#include "images/import.h"

#include "base/error.h"
#include "base/handle.h"
#include "base/sha256.h"
#include "images/download.h"
#include "images/qcow2_header.h"
#include "images/qemu_img.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace lab::images {
namespace {

Error refused(const std::filesystem::path& file, const std::string& what) {
    return {ErrorCode::bad_input, file.string() + ": " + what};
}

/// Size of a regular file that can be read and is not a link.
Bytes require_regular_file(const std::filesystem::path& file) {
    const FileDescriptor descriptor(
        ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (!descriptor && errno == ELOOP) {
        throw refused(file, "is a symbolic link (name the file itself)");
    }
    if (!descriptor && errno == ENOENT) {
        throw Error(ErrorCode::not_found, file.string() + ": there is no such image");
    }
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
        throw refused(file, "cannot be read");
    }
    if (!S_ISREG(status.st_mode)) {
        throw refused(file, "is not a regular file");
    }
    if (status.st_size == 0) {
        throw refused(file, "is empty");
    }
    return {static_cast<std::uint64_t>(status.st_size)};
}

void require_size(const std::filesystem::path& file, Bytes size, Bytes limit) {
    if (size > limit) {
        throw refused(file, "virtual size is " + format_bytes(size) + " (at most " +
                                format_bytes(limit) + ")");
    }
}

void check_header(const std::filesystem::path& file, Bytes limit) {
    const auto header = read_qcow2_header(file);
    if (!header.backing_file.empty() || header.external_data) {
        throw refused(file, "the image refers to another file "
                            "(allowed: images without backing and data file)");
    }
    if (header.encrypted) {
        throw refused(file, "the image is encrypted (allowed: images without encryption)");
    }
    if (header.corrupt || header.dirty) {
        throw refused(file, std::string("the image is marked as ") +
                                (header.corrupt ? "corrupt" : "not closed") +
                                " (repair it with qemu-img check -f qcow2 -r all)");
    }
    if (header.snapshots != 0) {
        throw refused(file, "the image holds snapshots (remove them with qemu-img snapshot -d)");
    }
    require_size(file, header.virtual_size, limit);
}

} // namespace

bool is_url(const std::string& location) {
    return location.rfind("http://", 0) == 0 || location.rfind("https://", 0) == 0;
}

void check_outside_image(const std::filesystem::path& file, plan::ImageFormat format,
                         Bytes size_limit) {
    const auto size = require_regular_file(file);
    if (format == plan::ImageFormat::raw) {
        require_size(file, size, size_limit);
        return;
    }
    // Our own reading of the header comes first: QEMU's reader opens what a header names.
    check_header(file, size_limit);
    const auto info = inspect({file, format});
    if (!info.backing_file.empty() || !info.data_file.empty() || info.encrypted ||
        info.has_snapshots || info.corrupt) {
        throw refused(file, "the image does not stand alone or is damaged "
                            "(allowed: images without backing, data file, encryption, snapshots)");
    }
    require_size(file, info.virtual_size, size_limit);
}

void import_image(const ImportRequest& request, const std::stop_token& stop) {
    const auto& source = request.source;
    std::filesystem::path file = source.location;
    if (is_url(source.location)) {
        file = request.work / "download";
        download(source.location, file, request.size_limit, stop);
    }
    require_regular_file(file);
    if (!source.sha256.empty() && sha256_of_file(file) != source.sha256) {
        throw Error(ErrorCode::bad_input,
                    source.location + ": SHA-256 is not the one given (" + source.sha256 + ")");
    }
    check_outside_image(file, source.format, request.size_limit);
    if (source.format == plan::ImageFormat::qcow2) {
        if (const auto trouble = check({file, source.format}, stop)) {
            throw refused(file, "the image is damaged: " + *trouble);
        }
    }
    convert({file, source.format}, {request.disk, plan::ImageFormat::qcow2}, stop);
}

} // namespace lab::images
