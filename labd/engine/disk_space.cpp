// SPDX-License-Identifier: Apache-2.0
#include "engine/disk_space.h"

#include <algorithm>
#include <sys/stat.h>

namespace lab::engine {
namespace {

constexpr Bytes most_low_water = gibibytes(2);
constexpr std::uint64_t low_water_share = 20;

/// st_blocks are of that size, whatever the file system's own is.
constexpr std::uint64_t stat_block = 512;

/// 0 when it cannot be told.
Bytes free_at(const std::filesystem::path& directory) {
    const auto room = disk_room(directory);
    return room ? room->free : Bytes{};
}

std::string text_of(Bytes free, const std::filesystem::path& directory) {
    return format_bytes(free) + " free at " + directory.string();
}

/// What the files take, holes not counted.
Bytes taken_by(const std::vector<std::filesystem::path>& files) {
    Bytes taken{};
    for (const auto& file : files) {
        struct stat status {};
        if (::stat(file.c_str(), &status) == 0) {
            taken.count += static_cast<std::uint64_t>(status.st_blocks) * stat_block;
        }
    }
    return taken;
}

} // namespace

std::string space_text(const std::filesystem::path& directory) {
    return text_of(free_at(directory), directory);
}

std::optional<std::string> low_space(const std::filesystem::path& directory) {
    const auto free = free_at(directory);
    return free < enough_space ? std::optional(text_of(free, directory)) : std::nullopt;
}

std::optional<DiskRoom> disk_room(const std::filesystem::path& path) {
    std::error_code error;
    const auto space = std::filesystem::space(path, error);
    return error ? std::nullopt
                 : std::optional(DiskRoom{Bytes{space.capacity}, Bytes{space.available}});
}

Bytes low_water(const DiskRoom& room) {
    return std::min(most_low_water, Bytes{room.size.count / low_water_share});
}

std::optional<std::string> fills_the_disk(const std::vector<std::filesystem::path>& files,
                                          const RoomAt& room_at) {
    const auto taken = taken_by(files);
    for (const auto& file : files) {
        const auto directory = file.parent_path();
        const auto room = room_at(directory);
        if (room && room->free < low_water(*room) && room->free < taken) {
            return "its files take " + format_bytes(taken) + ", with only " +
                   text_of(room->free, directory);
        }
    }
    return std::nullopt;
}

std::optional<Bytes> largest_file_beside(const std::vector<std::filesystem::path>& files,
                                         const RoomAt& room_at) {
    std::optional<Bytes> least_room;
    Bytes largest{};
    for (const auto& file : files) {
        std::error_code error;
        const auto size = std::filesystem::file_size(file, error);
        largest.count = std::max(largest.count, error ? 0 : size);
        if (const auto room = room_at(file.parent_path())) {
            const auto kept = low_water(*room).count / 2;
            const Bytes usable{room->free.count - std::min(room->free.count, kept)};
            least_room = std::min(least_room.value_or(usable), usable);
        }
    }
    return least_room ? std::optional(Bytes{largest.count + least_room->count}) : std::nullopt;
}

} // namespace lab::engine
