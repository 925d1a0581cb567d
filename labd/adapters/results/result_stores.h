// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/result_store.h"

#include <filesystem>
#include <memory>

namespace lab::adapters {

/// Opens result stores of every kind.
/// @param option_file  MySQL's option file of the user, ~/.my.cnf; may be missing or empty.
[[nodiscard]] std::unique_ptr<ports::ResultStores>
make_result_stores(const std::filesystem::path& option_file);

/// ~/.my.cnf of the caller; empty without a home.
[[nodiscard]] std::filesystem::path default_option_file();

} // namespace lab::adapters
