// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lab {

/// format_duration() of seconds; empty for 0, which means "did not happen", and for what cannot be.
[[nodiscard]] std::string time_or_nothing(double seconds);

/// A measured value with six significant digits, without an exponent where people expect none.
[[nodiscard]] std::string value_text(double value);

/// A chance in per cent with one decimal, rounded down: 0.9996 must not be shown as certainty.
[[nodiscard]] std::string chance_text(double chance);

} // namespace lab
