// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

namespace lab {

std::string json_text(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace lab
