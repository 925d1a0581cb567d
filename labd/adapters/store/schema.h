// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/store/database.h"

namespace lab::adapters {

/// Of the lab's database.
[[nodiscard]] Schema lab_schema();

} // namespace lab::adapters
