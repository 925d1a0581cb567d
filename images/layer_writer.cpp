// SPDX-License-Identifier: Apache-2.0
#include "images/layer_writer.h"

#include "base/error.h"
#include "base/text.h"
#include "images/layer_archive.h"

#include <sys/stat.h>

namespace lab::images {
namespace {

constexpr std::uint64_t most_files = 1'000'000;

std::string named(const LayerEntry& entry) {
    return "'" + cap(escape_for_terminal(entry.name()), 200) + "'";
}

/// Where a path leads: as far as there are directories.
std::optional<Ext4Volume::Inode> find_path(Ext4Volume& volume,
                                           const std::vector<std::string>& path) {
    std::optional<Ext4Volume::Inode> found = Ext4Volume::top;
    for (const auto& name : path) {
        if (!found || volume.type_of(*found) != S_IFDIR) {
            return std::nullopt;
        }
        found = volume.find(*found, name);
    }
    return found;
}

/// What the container could not see of a file of the disk, and would be lost with it.
std::optional<std::string> unseen(Ext4Volume& volume, const LayerEntry& entry,
                                  const std::set<std::string>& kept) {
    if (entry.kind.type == S_IFDIR && !entry.replaces) {
        return std::nullopt;
    }
    const auto old = find_path(volume, entry.path);
    if (old && !entry.removed && kept.contains(entry.name())) {
        return named(entry) + " is changed, which the lab has written";
    }
    if (old && entry.kind.type == S_IFREG && volume.type_of(*old) == S_IFREG &&
        volume.is_special(*old)) {
        return named(entry) + " is changed, which has other names or attributes";
    }
    return std::nullopt;
}

/// Why the disk cannot take the layer.
std::optional<std::string> obstacle(Ext4Volume& volume, const LayerToWrite& layer,
                                    const std::stop_token& stop) {
    const auto block = volume.block_size();
    std::uint64_t files = 0;
    std::uint64_t blocks = 0;
    LayerArchive archive(layer.archive);
    while (const auto entry = archive.next()) {
        throw_if_stopped(stop);
        // A directory, a long link or a list of attributes may take a block.
        blocks += (entry->size + block - 1) / block + 1;
        if (++files > most_files) {
            return "it has more than " + std::to_string(most_files) + " files";
        }
        if (auto reason = unseen(volume, *entry, layer.kept)) {
            return reason;
        }
    }
    const auto slack = blocks / 64 + 64; // directories that grow, trees of extents
    if (blocks + slack > volume.free_blocks() || files + 16 > volume.free_inodes()) {
        return "the root may have too little room for it";
    }
    return std::nullopt;
}

class Writer {
public:
    Writer(Ext4Volume& volume, LayerArchive& archive) : volume_(volume), archive_(archive) {}

    void write(const LayerEntry& entry) {
        if (entry.path.empty()) {
            volume_.set_attributes(Ext4Volume::top, entry.attributes);
            return;
        }
        const auto& name = entry.path.back();
        const auto directory = directory_of(entry);
        auto old = volume_.find(directory, name);
        const bool stays = old && entry.kind.type == S_IFDIR && !entry.replaces &&
                           volume_.type_of(*old) == S_IFDIR;
        if (old && !stays) {
            volume_.remove(directory, name);
        }
        if (entry.removed) {
            return;
        }
        if (entry.same_as) {
            volume_.link(directory, name, existing(*entry.same_as, entry));
            return;
        }
        const auto file = stays ? *old : volume_.make(directory, name, entry.kind);
        if (entry.kind.type == S_IFREG) {
            volume_.write(file, [this](char* buffer, std::size_t size) {
                return archive_.read(buffer, size);
            });
        }
        volume_.set_attributes(file, entry.attributes);
    }

private:
    Ext4Volume::Inode directory_of(const LayerEntry& entry) {
        const std::vector<std::string> above(entry.path.begin(), entry.path.end() - 1);
        const auto directory = existing(above, entry);
        if (volume_.type_of(directory) != S_IFDIR) {
            throw Error(ErrorCode::infra, named(entry) + ": is not below a directory");
        }
        return directory;
    }

    Ext4Volume::Inode existing(const std::vector<std::string>& path, const LayerEntry& entry) {
        const auto found = find_path(volume_, path);
        if (!found) {
            throw Error(ErrorCode::infra, named(entry) + ": the root lacks what it belongs to");
        }
        return *found;
    }

    Ext4Volume& volume_;
    LayerArchive& archive_;
};

} // namespace

std::optional<std::string> write_layer(const LayerToWrite& layer, const std::stop_token& stop) {
    NbdDisk disk(layer.disk, layer.scratch, stop);
    {
        Ext4Volume volume(disk);
        if (auto reason = obstacle(volume, layer, stop)) {
            return reason;
        }
        LayerArchive archive(layer.archive);
        Writer writer(volume, archive);
        while (const auto entry = archive.next()) {
            throw_if_stopped(stop);
            writer.write(*entry);
        }
        volume.finish();
    }
    disk.finish();
    return std::nullopt;
}

} // namespace lab::images
