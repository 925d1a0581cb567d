// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

namespace lab::images {

/// Writes one layer that stands for several, as overlayfs would show them over any files: an
/// archive as TreeStore::pack() makes it, of what is seen of each.
/// @param layers  archives, the topmost first.
/// @return whether it was written: a hard link into what a layer above has replaced has no place in
///         it.
/// @throws Error infra, Cancelled
[[nodiscard]] bool merge_layers(const std::vector<std::filesystem::path>& layers,
                                const std::filesystem::path& merged, const std::stop_token& stop);

} // namespace lab::images
