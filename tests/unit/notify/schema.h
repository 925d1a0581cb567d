// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"

#include <string>
#include <vector>

namespace lab::notify::test {

/// What is wrong with a value by a JSON Schema, of which these words are known: type, required,
/// properties, additionalProperties: false, items, maxItems, minLength, maxLength, enum.
[[nodiscard]] std::vector<std::string> violations(const nlohmann::json& schema,
                                                  const nlohmann::json& value,
                                                  const std::string& where = "$");

/// The schema of a service in tests/data/notify.
[[nodiscard]] nlohmann::json schema_of(const std::string& service);

} // namespace lab::notify::test
