// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"

#include <string>

namespace lab {

/// Members of foreign JSON: empty, or 0, when missing, of another type, or in what is no object.
[[nodiscard]] std::string text_at(const nlohmann::json& object, const char* name);
[[nodiscard]] double number_at(const nlohmann::json& object, const char* name);
[[nodiscard]] nlohmann::json list_at(const nlohmann::json& object, const char* name);
[[nodiscard]] nlohmann::json object_at(const nlohmann::json& object, const char* name);

} // namespace lab
