// SPDX-License-Identifier: Apache-2.0
#include "images/layer_archive.h"

#include "base/text.h"
#include "base/user_namespace.h"

#include <cstring>
#include <sys/stat.h>

namespace lab::images {
namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t deepest_path = 500;
constexpr std::size_t read_at_once = std::size_t{1} << 16U;

Error not_a_layer(const std::string& what, const std::string& name) {
    return {ErrorCode::infra,
            "what an install wrote: '" + cap(escape_for_terminal(name), 200) + "' " + what};
}

/// @param text  relative, with or without "./" before it and "/" after it.
std::vector<std::string> path_of(const char* text) {
    const std::string whole = text != nullptr ? text : "";
    std::vector<std::string> path;
    for (auto& name : split(whole, '/')) {
        if (name.empty() || name == ".") {
            continue;
        }
        if (name == ".." || name.size() > longest_name || path.size() == deepest_path) {
            throw not_a_layer("is no path of a root", whole);
        }
        path.push_back(std::move(name));
    }
    return path;
}

/// Ids of access control lists are those of the host: libarchive and tar know nothing of them.
/// @see the kernel's posix_acl_xattr.h: a version of 4 bytes, then tag, permissions and id, 2, 2
/// and 4 bytes, little endian.
std::string with_own_ids(std::string list) {
    constexpr std::size_t header = 4;
    constexpr std::size_t entry = 8;
    for (std::size_t at = header; at + entry <= list.size(); at += entry) {
        std::uint32_t id = 0;
        std::memcpy(&id, list.data() + at + 4, sizeof id);
        if (id != 0xffffffffU && id >= container_root()) {
            id -= container_root();
            std::memcpy(list.data() + at + 4, &id, sizeof id);
        }
    }
    return list;
}

/// Marks of overlayfs are told by the entry; the others are attributes.
void take_xattrs(archive_entry* from, LayerEntry& entry) {
    archive_entry_xattr_reset(from);
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
        const std::string key = name;
        std::string bytes(static_cast<const char*>(value), size);
        if (key == "user.overlay.opaque") {
            entry.replaces = bytes == "y";
        } else if (key == "user.overlay.redirect" || key == "user.overlay.metacopy") {
            throw not_a_layer("is marked as " + key + ", which is not done here", entry.name());
        } else if (key.starts_with("system.posix_acl_")) {
            entry.attributes.xattrs.emplace_back(key, with_own_ids(std::move(bytes)));
        } else if (key.starts_with("user.") && !key.starts_with("user.overlay.")) {
            entry.attributes.xattrs.emplace_back(key, std::move(bytes));
        }
    }
}

void take_kind(archive_entry* from, LayerEntry& entry) {
    entry.kind.type = archive_entry_filetype(from);
    if (entry.kind.type == S_IFLNK) {
        const char* const target = archive_entry_symlink(from);
        entry.kind.target = target != nullptr ? target : "";
    } else if (entry.kind.type == S_IFCHR || entry.kind.type == S_IFBLK) {
        entry.kind.major = static_cast<unsigned>(archive_entry_rdevmajor(from));
        entry.kind.minor = static_cast<unsigned>(archive_entry_rdevminor(from));
        entry.removed =
            entry.kind.type == S_IFCHR && entry.kind.major == 0 && entry.kind.minor == 0;
    }
}

} // namespace

std::string LayerEntry::name() const {
    return "/" + join(path, "/");
}

LayerArchive::LayerArchive(const std::filesystem::path& file)
    : name_(file.string()), archive_(archive_read_new()) {
    archive_read_support_format_tar(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    if (archive_read_open_filename(archive_.get(), file.c_str(), read_at_once) != ARCHIVE_OK) {
        throw archive_error(archive_.get(), "open", name_);
    }
}

std::optional<LayerEntry> LayerArchive::next() {
    archive_entry* from = nullptr;
    const int answer = archive_read_next_header(archive_.get(), &from);
    if (answer == ARCHIVE_EOF) {
        return std::nullopt;
    }
    if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) { // a warning: a name is not UTF-8
        throw archive_error(archive_.get(), "read", name_);
    }
    LayerEntry entry;
    entry.path = path_of(archive_entry_pathname(from));
    if (const char* const other = archive_entry_hardlink(from)) {
        entry.same_as = path_of(other);
        return entry;
    }
    take_kind(from, entry);
    entry.attributes.permissions = archive_entry_perm(from);
    entry.attributes.user = static_cast<std::uint32_t>(archive_entry_uid(from));
    entry.attributes.group = static_cast<std::uint32_t>(archive_entry_gid(from));
    entry.attributes.modified = {archive_entry_mtime(from), archive_entry_mtime_nsec(from)};
    entry.size = entry.kind.type == S_IFREG
                     ? static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(from)))
                     : 0;
    take_xattrs(from, entry);
    return entry;
}

std::size_t LayerArchive::read(char* buffer, std::size_t size) {
    const auto count = archive_read_data(archive_.get(), buffer, size);
    if (count < 0) {
        throw archive_error(archive_.get(), "read", name_);
    }
    return static_cast<std::size_t>(count);
}

} // namespace lab::images
