// SPDX-License-Identifier: Apache-2.0
#include "images/layer_merge.h"

#include "base/files.h"
#include "images/archive.h"

#include <map>
#include <set>
#include <string>
#include <sys/stat.h>

namespace lab::images {
namespace {

constexpr const char* opaque_mark = "user.overlay.opaque";
constexpr std::size_t bytes_at_once = std::size_t{1} << 16U;

ReadArchive open_layer(const std::filesystem::path& file) {
    ReadArchive archive(archive_read_new());
    archive_read_support_format_tar(archive.get());
    archive_read_support_filter_zstd(archive.get());
    if (archive_read_open_filename(archive.get(), file.c_str(), bytes_at_once) != ARCHIVE_OK) {
        throw archive_error(archive.get(), "open", file.string());
    }
    return archive;
}

archive_entry* next_of(const ReadArchive& archive, const std::filesystem::path& file) {
    archive_entry* entry = nullptr;
    const int answer = archive_read_next_header(archive.get(), &entry);
    if (answer == ARCHIVE_EOF) {
        return nullptr;
    }
    if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) { // a warning: a name is not UTF-8
        throw archive_error(archive.get(), "read", file.string());
    }
    return entry;
}

/// "./a/b/" -> "a/b".
std::string plain_name(const char* text) {
    std::string name = text != nullptr ? text : "";
    while (name.starts_with("./")) {
        name.erase(0, 2);
    }
    while (name.ends_with('/')) {
        name.pop_back();
    }
    return name == "." ? "" : name;
}

bool is_opaque(archive_entry* entry) {
    archive_entry_xattr_reset(entry);
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
        if (std::string_view(name) == opaque_mark && size == 1 &&
            *static_cast<const char*>(value) == 'y') {
            return true;
        }
    }
    return false;
}

/// What of each layer is seen.
class Sight {
public:
    /// Looks at the next layer below; false when it cannot be merged.
    [[nodiscard]] bool look(const std::filesystem::path& file, std::size_t layer) {
        const auto archive = open_layer(file);
        std::set<std::string> closing;
        bool possible = true;
        while (auto* const entry = next_of(archive, file)) {
            const auto name = plain_name(archive_entry_pathname(entry));
            const bool directory = archive_entry_filetype(entry) == AE_IFDIR;
            if (hidden(name)) {
                continue;
            }
            const bool fresh = shown_.emplace(name, layer).second;
            if (directory && is_opaque(entry)) {
                opaque_.insert(name);
                closing.insert(name);
            } else if (!directory) {
                closing.insert(name);
                if (!fresh) { // what is above is a directory, and nothing below this is in it
                    opaque_.insert(name);
                }
            }
            const char* const other = archive_entry_hardlink(entry);
            possible = possible && (other == nullptr || !fresh || shows(plain_name(other), layer));
        }
        closed_.merge(closing);
        return possible;
    }

    [[nodiscard]] bool shows(const std::string& name, std::size_t layer) const {
        const auto found = shown_.find(name);
        return found != shown_.end() && found->second == layer;
    }

    [[nodiscard]] bool is_opaque_here(const std::string& name) const {
        return opaque_.contains(name);
    }

private:
    /// Whether a layer above has put something else in its place, or in that of a directory above
    /// it.
    [[nodiscard]] bool hidden(const std::string& name) const {
        if (closed_.contains(name)) {
            return true;
        }
        for (auto end = name.rfind('/'); end != std::string::npos && end > 0;
             end = name.rfind('/', end - 1)) {
            if (closed_.contains(name.substr(0, end))) {
                return true;
            }
        }
        return false;
    }

    std::map<std::string, std::size_t> shown_;
    std::set<std::string> opaque_;
    std::set<std::string> closed_; ///< by the layers above: nothing below these is seen
};

class MergedArchive {
public:
    explicit MergedArchive(const std::filesystem::path& file)
        : name_(file.string()), archive_(archive_write_new()) {
        archive_write_set_format_pax(archive_.get());
        // GNU tar reads these alone, and unpacks what is written here.
        archive_write_set_format_option(archive_.get(), "pax", "xattrheader", "SCHILY");
        archive_write_add_filter_zstd(archive_.get());
        archive_write_set_filter_option(archive_.get(), "zstd", "compression-level", "1");
        if (archive_write_open_filename(archive_.get(), name_.c_str()) != ARCHIVE_OK) {
            throw archive_error(archive_.get(), "create", name_);
        }
    }

    void add(archive_entry* entry, const ReadArchive& from) {
        const int answer = archive_write_header(archive_.get(), entry);
        if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) {
            throw archive_error(archive_.get(), "write", name_);
        }
        std::string block(bytes_at_once, '\0');
        for (;;) {
            const auto count = archive_read_data(from.get(), block.data(), block.size());
            if (count < 0) {
                throw archive_error(from.get(), "read for", name_);
            }
            if (count == 0) {
                return;
            }
            if (archive_write_data(archive_.get(), block.data(), static_cast<std::size_t>(count)) !=
                count) {
                throw archive_error(archive_.get(), "write", name_);
            }
        }
    }

    void finish() {
        if (archive_write_close(archive_.get()) != ARCHIVE_OK) {
            throw archive_error(archive_.get(), "write", name_);
        }
    }

private:
    std::string name_;
    WriteArchive archive_;
};

} // namespace

bool merge_layers(const std::vector<std::filesystem::path>& layers,
                  const std::filesystem::path& merged, const std::stop_token& stop) {
    Sight sight;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        throw_if_stopped(stop);
        if (!sight.look(layers[layer], layer)) {
            return false;
        }
    }
    MergedArchive result(merged);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto archive = open_layer(layers[layer]);
        while (auto* const entry = next_of(archive, layers[layer])) {
            throw_if_stopped(stop);
            const auto name = plain_name(archive_entry_pathname(entry));
            if (!sight.shows(name, layer)) {
                continue;
            }
            if (sight.is_opaque_here(name) && !is_opaque(entry)) {
                archive_entry_xattr_add_entry(entry, opaque_mark, "y", 1);
            }
            result.add(entry, archive);
        }
    }
    result.finish();
    return true;
}

} // namespace lab::images
