// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lab {

/// What exec(3) takes: pointers to the words, with a null behind them. Valid as long as the words
/// stay as they are.
[[nodiscard]] std::vector<char*> pointers_to(std::vector<std::string>& words);

} // namespace lab
