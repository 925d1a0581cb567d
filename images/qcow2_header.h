// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace lab::images {

/// The fields of a qcow2 header that decide whether an image stands alone.
struct Qcow2Header {
    std::uint32_t version = 0;
    Bytes virtual_size;
    std::string backing_file; ///< at most 1023 bytes; empty = none
    bool encrypted = false;
    bool dirty = false;
    bool corrupt = false;
    bool external_data = false;
    std::uint32_t snapshots = 0;
};

/// Reads the header of a regular file without any help of QEMU, whose own reader opens what the
/// header names. `name` is what messages call it; empty: its path.
/// @throws Error bad_input  when it is no regular file, or has no qcow2 header of version 2 or 3.
/// @see docs/interop/qcow2.txt of QEMU
[[nodiscard]] Qcow2Header read_qcow2_header(const std::filesystem::path& file,
                                            const std::string& name = {});

} // namespace lab::images
