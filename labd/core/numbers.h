// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>

namespace lab::core {

/// The logarithm of a chance of none.
inline constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// "6708.5": six significant digits.
[[nodiscard]] std::string significant(double value);

/// "97.31 %": a chance with four significant digits; never 0 or 100.
[[nodiscard]] std::string per_cent(double chance);

} // namespace lab::core
