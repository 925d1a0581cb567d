// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lab::engine {

/// Less than that is said to be low: a few roots with their overlays take it.
inline constexpr Bytes enough_space = gibibytes(5);

/// "12 GiB free at <directory>". Thread-safe.
[[nodiscard]] std::string space_text(const std::filesystem::path& directory);

/// space_text() when less than enough is free there, or when that cannot be told. Thread-safe.
[[nodiscard]] std::optional<std::string> low_space(const std::filesystem::path& directory);

/// A file system as it stands.
struct DiskRoom {
    Bytes size;
    Bytes free; ///< for this user
};

/// Asks a file system by a file or directory of it; nothing when that cannot be told.
using RoomAt = std::function<std::optional<DiskRoom>(const std::filesystem::path&)>;

[[nodiscard]] std::optional<DiskRoom> disk_room(const std::filesystem::path& path);

/// What no guest may take: 2 GiB, or a twentieth of a file system that is smaller than 40 GiB.
[[nodiscard]] Bytes low_water(const DiskRoom& room);

/// Why a guest has to end before it fills the host's disk, as a clause; nothing while there is
/// room.
///
/// So it is when less than low_water() is free and the guest's own files take more than what is
/// left: somebody else's full disk ends no guest that has written little. Thread-safe.
/// @param files  what the guest makes grow; one that is not there counts nothing
[[nodiscard]] std::optional<std::string>
fills_the_disk(const std::vector<std::filesystem::path>& files, const RoomAt& room_at);

/// The size that no file of a guest that starts now may exceed, so that half of low_water() stays
/// free even when nobody looks; nothing when the room cannot be told. Files may keep the size they
/// have.
[[nodiscard]] std::optional<Bytes>
largest_file_beside(const std::vector<std::filesystem::path>& files, const RoomAt& room_at);

} // namespace lab::engine
