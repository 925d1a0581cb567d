// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"
#include "ports/tree_store.h"

#include <filesystem>
#include <memory>

namespace lab::images {

/// Opens the image store below `directory`:
///
///     <kind>/<key>/{disk.qcow2,tree.tar.zst,kernel,initrd}   published, files 0444
///     tmp/<draft>/                                           being made
///
/// An image is published when its row is in the index. Opening removes what a crash has left:
/// drafts nobody has locked, directories without a row, rows without a directory (and what is
/// backed by them), and it finishes or undoes a flatten that was under way.
///
/// Backing files are named relative to the image (`../../<kind>/<key>/disk.qcow2`), and directories
/// in the index are not relied on, so a store may be moved as a whole while no lab uses it.
///
/// Leases live in this process: after a restart the engine takes them again for the machines it
/// adopts, before it collects.
///
/// @param index  must outlive the store.
/// @param trees  likewise; loses what was unpacked of images that are gone. Null = there is none.
[[nodiscard]] std::unique_ptr<ports::ImageStore> open_store(const std::filesystem::path& directory,
                                                            ports::ImageIndex& index,
                                                            ports::TreeStore* trees = nullptr);

} // namespace lab::images
