// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace lab::core {

/// What is said of one commit. Infrastructure failure is never a verdict.
enum class Verdict { good, bad, skip };

/// Which way a metric gets better.
enum class Direction { higher_is_better, lower_is_better };

[[nodiscard]] const char* to_string(Verdict verdict) noexcept;
[[nodiscard]] const char* to_string(Direction direction) noexcept;

/// Inverse of to_string; nothing for another word.
[[nodiscard]] std::optional<Verdict> verdict_from(const std::string& word) noexcept;
[[nodiscard]] std::optional<Direction> direction_from(const std::string& word) noexcept;

} // namespace lab::core
