// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>
#include <optional>
#include <stop_token>

namespace lab::images {

/// What a new file system holds: a directory tree, read with the rights of `user_namespace_argv`.
struct Ext4Request {
    std::filesystem::path disk;                        ///< qcow2 image to make
    std::filesystem::path work;                        ///< directory for an intermediate file
    Bytes size;                                        ///< virtual size
    std::optional<std::filesystem::path> content = {}; ///< directory to copy in; absent = empty
};

/// Makes a qcow2 image that holds one ext4 file system, labelled "root", without a partition table.
/// UUID and hash seed are fixed, so that equal content gives equal directory order. It has no
/// journal: every machine runs on a throwaway overlay of it.
void make_ext4(const Ext4Request& request, const std::stop_token& stop);

} // namespace lab::images
