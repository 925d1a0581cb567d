// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

/// Reading single files out of the tar of a root file system; its names are relative to the root,
/// without a leading "./".
namespace lab::images {

/// Calls `visit` with the name of every regular file of the tar, in its order.
void for_each_file(const std::filesystem::path& tar,
                   const std::function<void(const std::string& name)>& visit);

/// Content of the named files, as far as they are in the tar, each of at most `limit`.
[[nodiscard]] std::map<std::string, std::string> read_members(const std::filesystem::path& tar,
                                                              const std::set<std::string>& names,
                                                              Bytes limit = mebibytes(256));

/// The bytes behind gzip, xz or zstd compression; other bytes come back as they are.
[[nodiscard]] std::string decompressed(const std::string& bytes, const std::string& name);

} // namespace lab::images
