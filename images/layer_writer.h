// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace lab::images {

/// A layer, and the disk whose files it was written over.
struct LayerToWrite {
    std::filesystem::path archive; ///< as TreeStore::pack() made it; foreign bytes
    std::filesystem::path disk;    ///< qcow2 with one ext4 file system and no partitions
    std::filesystem::path scratch; ///< directory for a socket
    std::set<std::string> kept;    ///< files of the disk that the layer must not have changed
};

/// Writes a layer into the file system of a disk, as if it had been mounted when the container
/// wrote: owners, modes, links, times, attributes and devices.
/// @return why this disk cannot take it, and then nothing was written: there is too little room,
///         or the result would not be what a machine would have made.
/// @throws Error infra, Cancelled  the disk is to be thrown away.
[[nodiscard]] std::optional<std::string> write_layer(const LayerToWrite& layer,
                                                     const std::stop_token& stop);

} // namespace lab::images
