// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <filesystem>

namespace lab::images {

/// The keys of a lab below `directory`, made on first use (ed25519, private files 0600).
/// A crash while they are made leaves none of them behind. Call from one thread.
[[nodiscard]] ports::LabKeys lab_keys(const std::filesystem::path& directory);

} // namespace lab::images
