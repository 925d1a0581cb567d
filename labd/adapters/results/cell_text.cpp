// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/cell_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace lab::adapters {
namespace {

template <class Number>
std::string number_text(Number value) {
    std::array<char, 40> text{};
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), result.ptr};
}

template <class Number>
std::optional<Number> number_from(const std::string& text) {
    Number value{};
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

} // namespace

std::string to_text(const Cell& cell) {
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        return number_text(*integer);
    }
    if (const auto* real = std::get_if<double>(&cell)) {
        return number_text(*real);
    }
    const auto* text = std::get_if<std::string>(&cell);
    return text == nullptr ? std::string() : *text;
}

std::optional<Cell> cell_from(const std::string& text, CellType type) {
    if (type == CellType::id || type == CellType::text) {
        return Cell(text);
    }
    if (text.empty()) {
        return Cell();
    }
    if (type == CellType::integer) {
        const auto value = number_from<std::int64_t>(text);
        return value ? std::optional<Cell>(*value) : std::nullopt;
    }
    const auto value = number_from<double>(text);
    return value && std::isfinite(*value) ? std::optional<Cell>(*value) : std::nullopt;
}

} // namespace lab::adapters
