// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"
#include "plan/model.h"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

/// qemu-img, called with every format named: probing a disk that a guest has written would follow
/// any header the guest left there. All functions throw an infra Error when the tool fails; they
/// are thread-safe.
namespace lab::images {

/// An image file and its format.
struct DiskFile {
    std::filesystem::path path;
    plan::ImageFormat format = plan::ImageFormat::qcow2;
    std::string name = {}; ///< what messages call it; empty = its path
};

/// What qemu-img says about an image, its backing chain not opened.
struct DiskInfo {
    Bytes virtual_size;
    std::string backing_file; ///< as written in the image; empty = none
    std::string data_file;    ///< external data file; empty = none
    bool encrypted = false;
    bool corrupt = false;
    bool has_snapshots = false;
};

[[nodiscard]] const char* to_string(plan::ImageFormat format) noexcept;

/// Makes a qcow2 overlay of a qcow2 image. `backing` is stored as given; a relative name is
/// relative to the directory of `file`.
void create_overlay(const std::filesystem::path& backing, const std::filesystem::path& file);

/// Makes an empty qcow2 image of a virtual size.
void create_empty(const std::filesystem::path& file, Bytes size);

/// Copies the content of `from`, its backing chain included, into a new image that stands alone,
/// and flushes it to the disk.
void convert(const DiskFile& from, const DiskFile& to, const std::stop_token& stop);

/// Inspects an image under limits of time and memory: its content may be hostile.
/// @throws Error bad_input  when qemu-img refuses the image or gives up.
[[nodiscard]] DiskInfo inspect(const DiskFile& disk);

/// Checks the tables of a qcow2 image under limits of time and memory; text of the trouble or
/// nothing. A clean answer is no proof that the content is right.
[[nodiscard]] std::optional<std::string> check(const DiskFile& disk, const std::stop_token& stop);

} // namespace lab::images
