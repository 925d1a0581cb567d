// SPDX-License-Identifier: Apache-2.0
#include "core/numbers.h"

#include <array>
#include <cstdio>

namespace lab::core {
namespace {

std::string number(const char* format, double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

} // namespace

std::string significant(double value) {
    return number("%.6g", value);
}

std::string per_cent(double chance) {
    // Nothing that was only seen is certain.
    if (chance > 0.9999 || chance < 0.0001) {
        return chance > 0.5 ? "more than 99.99 %" : "less than 0.01 %";
    }
    return number("%.4g", 100 * chance) + " %";
}

} // namespace lab::core
