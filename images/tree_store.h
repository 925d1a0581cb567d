// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/tree_store.h"

#include <filesystem>
#include <memory>

namespace lab::images {

/// Opens the unpacked files below `directory`, which nothing else is in:
///
///     boot                       of which boot of this host the rest is
///     <digest of image>/files/   unpacked; never written to again
///     w-<hex>/                   workspaces
///
/// What an earlier process was unpacking or building is removed, and what an earlier boot unpacked,
/// too: nothing here is flushed to the disk.
[[nodiscard]] std::unique_ptr<ports::TreeStore>
open_tree_store(const std::filesystem::path& directory);

} // namespace lab::images
