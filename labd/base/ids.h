// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// New ULID: 26 characters, sortable by creation time. Thread-safe.
/// @see github.com/ulid/spec
[[nodiscard]] std::string new_ulid();

/// New random UUID (version 4), lower case with dashes. Thread-safe.
[[nodiscard]] std::string new_uuid();

/// `length` random characters of [0-9a-f] from the kernel's generator; used where guessing must
/// fail.
[[nodiscard]] std::string random_hex(std::size_t length);

/// True for the names users may give to machines and templates: ^[a-z0-9][a-z0-9._-]{0,62}$.
[[nodiscard]] bool is_valid_name(std::string_view name);

/// What is_valid_name allows, for error messages.
inline constexpr const char* valid_name_rule =
    "allowed: 1 to 63 of a-z, 0-9, '.', '_', '-', starting with a letter or digit";

} // namespace lab
