// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/model.h"

#include <optional>
#include <string>

namespace lab::plan {

/// What is wrong with a value of a parameter, with what is allowed; nothing when it is fine.
[[nodiscard]] std::optional<std::string> param_problem(const Param& param,
                                                       const std::string& value);

} // namespace lab::plan
