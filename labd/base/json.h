// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

/// JSON as everything here includes it: an absent value is null.
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

namespace lab {

/// JSON on one line. Bytes that are no UTF-8 become U+FFFD: foreign text must not end a thread.
/// The library's own dump() throws for them unless it is told otherwise, so whoever calls it says
/// what it does (tests/arch).
[[nodiscard]] std::string json_text(const nlohmann::json& value);

} // namespace lab
