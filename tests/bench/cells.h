// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/simulation.h"

namespace lab::bench {

/// Every cell of the tables, in their order.
[[nodiscard]] std::vector<Cell> all_cells();

/// The cells of the reliability table: learned rates and levels at several confidences.
[[nodiscard]] std::vector<Cell> reliability_cells();

} // namespace lab::bench
