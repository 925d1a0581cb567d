// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace lab::cli {

/// Absolute path of the repository that a directory belongs to, searched upwards as git does.
/// @param directory  absolute or from the working directory; "" is the working directory.
/// @throws Error not_found  when it is in none.
[[nodiscard]] std::filesystem::path find_repository(const std::string& directory);

} // namespace lab::cli
