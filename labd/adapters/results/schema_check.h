// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

#include <string>

/// The errors of opening a store, in the same words for every kind.
namespace lab::adapters {

/// There is a store where a new one should be made.
[[nodiscard]] Error store_exists(const std::string& name);

/// There is no store where one should be read.
[[nodiscard]] Error no_store(const std::string& name);

/// Something is there that is no result store.
[[nodiscard]] Error something_else(const std::string& name, const std::string& what);

/// @throws Error conflict  when the store has a newer schema than this program knows.
void check_version(const std::string& name, int stored, int known);

} // namespace lab::adapters
