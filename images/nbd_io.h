// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "images/nbd_disk.h"

#include <ext2fs/ext2fs.h>

namespace lab::images {

/// Opens the file system on a disk by libext2fs, for writing.
/// @param disk  outlives the file system.
/// @return 0, or why it could not be opened.
[[nodiscard]] errcode_t open_file_system(NbdDisk& disk, ext2_filsys* opened);

} // namespace lab::images
