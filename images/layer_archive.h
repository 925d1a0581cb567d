// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "images/archive.h"
#include "images/ext4_volume.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lab::images {

/// One file of a layer: what a container wrote over the files of an image.
struct LayerEntry {
    std::vector<std::string> path; ///< names from the top; empty = the top itself
    FileKind kind;                 ///< its type is 0 where `same_as` is given
    FileAttributes attributes;
    std::uint64_t size = 0;
    std::optional<std::vector<std::string>> same_as = {}; ///< path of the file it is a link to
    bool removed = false;  ///< there is nothing of this name any more
    bool replaces = false; ///< a directory: nothing of what was in it is left

    [[nodiscard]] std::string name() const;
};

/// Reads the archive of a layer: foreign bytes. For one thread.
class LayerArchive {
public:
    /// @throws Error infra
    explicit LayerArchive(const std::filesystem::path& file);

    /// The next file; none at the end. Its names are valid and there are at most 500 in a path.
    /// @throws Error infra  when the archive is none, or holds what no layer has.
    [[nodiscard]] std::optional<LayerEntry> next();

    /// Content of the file that next() gave: fills a buffer and tells how much of it is content, 0
    /// = its end.
    [[nodiscard]] std::size_t read(char* buffer, std::size_t size);

private:
    std::string name_; ///< of the archive
    ReadArchive archive_;
};

} // namespace lab::images
