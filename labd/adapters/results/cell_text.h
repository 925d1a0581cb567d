// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/schema.h"

#include <optional>
#include <string>

namespace lab::adapters {

/// A cell as text: numbers in the shortest form that gives the same number again, null as "".
[[nodiscard]] std::string to_text(const Cell& cell);

/// Inverse of to_text for a column of this type; nothing for a text that is no such cell.
[[nodiscard]] std::optional<Cell> cell_from(const std::string& text, CellType type);

} // namespace lab::adapters
