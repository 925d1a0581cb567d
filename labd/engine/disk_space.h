// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>
#include <optional>
#include <string>

namespace lab::engine {

/// Less than that is said to be low: a few roots with their overlays take it.
inline constexpr Bytes enough_space = gibibytes(5);

/// "12 GiB free at <directory>". Thread-safe.
[[nodiscard]] std::string space_text(const std::filesystem::path& directory);

/// space_text() when less than enough is free there, or when that cannot be told. Thread-safe.
[[nodiscard]] std::optional<std::string> low_space(const std::filesystem::path& directory);

} // namespace lab::engine
