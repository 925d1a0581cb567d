// SPDX-License-Identifier: Apache-2.0
#include "engine/disk_space.h"

namespace lab::engine {
namespace {

/// 0 when it cannot be told.
Bytes free_at(const std::filesystem::path& directory) {
    std::error_code error;
    const auto space = std::filesystem::space(directory, error);
    return Bytes{error ? 0 : space.available};
}

std::string text_of(Bytes free, const std::filesystem::path& directory) {
    return format_bytes(free) + " free at " + directory.string();
}

} // namespace

std::string space_text(const std::filesystem::path& directory) {
    return text_of(free_at(directory), directory);
}

std::optional<std::string> low_space(const std::filesystem::path& directory) {
    const auto free = free_at(directory);
    return free < enough_space ? std::optional(text_of(free, directory)) : std::nullopt;
}

} // namespace lab::engine
