// SPDX-License-Identifier: Apache-2.0
#include "base/numbers.h"

#include <charconv>
#include <cmath>

namespace lab {

std::optional<double> parse_finite(std::string_view text) {
    double value = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    // from_chars takes "inf" and "nan" too.
    const bool whole = result.ec == std::errc{} && result.ptr == end;
    return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

} // namespace lab
