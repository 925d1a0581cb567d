// SPDX-License-Identifier: Apache-2.0
#include "base/values.h"

#include "base/units.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace lab {

std::string chance_text(double chance) {
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.1f %%", std::floor(chance * 1000 + 1e-9) / 10);
    return buffer.data();
}

std::string value_text(double value) {
    std::array<char, 32> buffer{};
    const bool whole = std::fabs(value) >= 1e5 && std::fabs(value) < 1e15;
    std::snprintf(buffer.data(), buffer.size(), whole ? "%.0f" : "%.6g", value);
    return buffer.data();
}

std::string time_or_nothing(double seconds) {
    if (!(seconds > 0) || seconds > 1e9) {
        return {};
    }
    return format_duration(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

} // namespace lab
