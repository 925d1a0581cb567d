// SPDX-License-Identifier: Apache-2.0
#include "images/boot_tar.h"

#include "base/error.h"
#include "base/handle.h"
#include "base/text.h"
#include "base/units.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/stat.h>

namespace lab::images {
namespace {

constexpr Bytes file_limit = gibibytes(2);

Error refused(const std::string& what) {
    return Error(ErrorCode::bad_input, "output disk of the install: " + what,
                 "the recipe must leave vmlinuz and initrd.img (vmlinuz and modules.tar for a "
                 "machine by SSH) in LAB_BOOTDIR");
}

std::string name_of(archive_entry* entry) {
    const char* const raw = archive_entry_pathname(entry);
    std::string name = raw != nullptr ? raw : "";
    return name.starts_with("./") ? name.substr(2) : name;
}

void write_data(archive* reader, const std::filesystem::path& target, const std::string& name) {
    const FileDescriptor file(
        ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) {
        throw errno_error("create", target.string());
    }
    if (archive_read_data_into_fd(reader, file.get()) != ARCHIVE_OK) {
        throw refused(name +
                      " cannot be read: " + escape_for_terminal(archive_error_string(reader)));
    }
}

void take(archive* reader, archive_entry* entry, std::map<std::string, ports::BootFile>& wanted) {
    const auto name = name_of(entry);
    if (archive_entry_filetype(entry) == AE_IFDIR && (name.empty() || name == ".")) {
        return;
    }
    const auto found = wanted.find(name);
    if (found == wanted.end() || archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_hardlink(entry) != nullptr) {
        throw refused("unexpected entry '" + cap(escape_for_terminal(name), 80) + "'");
    }
    const auto size = archive_entry_size(entry);
    if (size <= 0 || static_cast<std::uint64_t>(size) > file_limit.count) {
        throw refused(name + " has " + std::to_string(size) + " bytes (1 B to " +
                      format_bytes(file_limit) + ")");
    }
    write_data(reader, found->second.target, name);
    wanted.erase(found);
}

} // namespace

void BootTar::extract(const std::filesystem::path& disk,
                      const std::vector<ports::BootFile>& files) {
    // A container may have left a link or a pipe in its place.
    const FileDescriptor input(
        ::open(disk.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat kind {};
    if (!input || ::fstat(input.get(), &kind) != 0 || !S_ISREG(kind.st_mode)) {
        throw refused("nothing was written to it");
    }
    const Handle<archive, archive_read_free> reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_fd(reader.get(), input.get(), 1 << 16) != ARCHIVE_OK) {
        throw refused("is not a tar");
    }
    std::map<std::string, ports::BootFile> wanted;
    for (const auto& file : files) {
        wanted.emplace(file.name, file);
    }
    for (;;) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) {
            break;
        }
        if (status != ARCHIVE_OK) {
            throw refused("is not a valid tar");
        }
        take(reader.get(), entry, wanted);
    }
    for (const auto& [name, file] : wanted) {
        if (file.presence == ports::Presence::required) {
            throw refused(name + " is missing");
        }
    }
}

} // namespace lab::images
