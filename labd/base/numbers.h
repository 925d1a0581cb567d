// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace lab {

/// A finite decimal number without anything around it; nothing when the text is none.
[[nodiscard]] std::optional<double> parse_finite(std::string_view text);

} // namespace lab
