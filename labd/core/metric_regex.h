// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lab::core {

/// Why a pattern cannot find a value: not RE2 syntax, or not one group. Nothing when it can.
[[nodiscard]] std::optional<std::string> metric_regex_problem(const std::string& pattern);

/// The number in the pattern's group where it first matches; nothing when it does not, or when what
/// stands there is no finite decimal number.
///
/// The text is foreign: RE2 takes time linear in it. Pure, thread-safe.
/// @pre metric_regex_problem() has none.
[[nodiscard]] std::optional<double> find_metric(const std::string& pattern, std::string_view text);

} // namespace lab::core
