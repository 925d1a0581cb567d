// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

namespace lab {

/// JSON on one line. Bytes that are no UTF-8 become U+FFFD: foreign text must not end a thread.
/// The library's own dump() throws for them unless it is told otherwise, so whoever calls it says
/// what it does (tests/arch).
[[nodiscard]] std::string json_text(const nlohmann::json& value);

} // namespace lab

/// JSON as everything here includes it: an absent value is null, and a whole number is read from a
/// whole number within its range only. nlohmann's own reading makes 1.9 and true a 1, and -1 the
/// largest number.
///
/// One header, because a type's form must be known wherever that type may meet JSON.
template <class T>
struct nlohmann::adl_serializer<std::optional<T>> {
    static void to_json(json& j, const std::optional<T>& value) {
        if (value) {
            j = *value;
        } else {
            j = nullptr;
        }
    }
    static void from_json(const json& j, std::optional<T>& value) {
        value = j.is_null() ? std::nullopt : std::optional<T>(j.get<T>());
    }
};

template <std::integral T>
requires(!std::same_as<T, bool>) struct nlohmann::adl_serializer<T> {
    static void to_json(json& j, T value) { nlohmann::to_json(j, value); }

    static void from_json(const json& j, T& value) {
        const auto* whole = j.get_ptr<const json::number_unsigned_t*>();
        const auto* negative = j.get_ptr<const json::number_integer_t*>();
        if (whole != nullptr && std::in_range<T>(*whole)) {
            value = static_cast<T>(*whole);
        } else if (whole == nullptr && negative != nullptr && std::in_range<T>(*negative)) {
            value = static_cast<T>(*negative);
        } else {
            const auto found = j.is_number() ? lab::json_text(j) : std::string(j.type_name());
            throw detail::type_error::create(
                302,
                "is no whole number from " + std::to_string(std::numeric_limits<T>::min()) +
                    " to " + std::to_string(std::numeric_limits<T>::max()) + ": " + found,
                &j);
        }
    }
};
