// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <filesystem>
#include <stop_token>
#include <string>

/// The files of one published image: disk.qcow2 or tree.tar.zst or both; for direct boot, kernel
/// and initrd; of a build, the list of the files it read.
namespace lab::images {

/// Makes the files of a draft read-only and flushes them and the directory. Anything else in it is
/// a bug of its maker.
/// @throws Error infra  when disk.qcow2 and tree.tar.zst are missing or something does not belong
/// there.
void seal(const std::filesystem::path& directory);

/// SHA-256 over names, sizes and contents of the files. `instead` stands for the
/// file of its name.
/// @throws Cancelled  when stop was requested.
[[nodiscard]] std::string digest_of(const std::filesystem::path& directory,
                                    const std::filesystem::path& instead,
                                    const std::stop_token& stop = {});

/// Bytes that the files take on the disk.
[[nodiscard]] Bytes disk_usage(const std::filesystem::path& directory);

/// What is wrong with the files of an image whose disk should name `backing` as its backing file;
/// empty = nothing.
[[nodiscard]] std::string problem_with(const ports::Image& image, const std::string& backing,
                                       const std::stop_token& stop);

} // namespace lab::images
