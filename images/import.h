// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/model.h"

#include <filesystem>
#include <stop_token>
#include <string>

namespace lab::images {

/// An outside image to be copied into a disk of our own.
struct ImportRequest {
    plan::ImportSource source;
    std::filesystem::path disk; ///< qcow2 image to write
    std::filesystem::path work; ///< directory for a download
    Bytes size_limit;           ///< of the virtual disk
};

/// Copies an outside image into a qcow2 image that stands alone. It is accepted only when it is a
/// regular file that refers to no other file, is not encrypted, holds no snapshots, is whole, has
/// the SHA-256 it should have, and is within the size limit. The file is opened once and copied
/// first: somebody who changes it or its path meanwhile changes nothing.
/// @throws Error bad_input  names what is wrong; not_found when there is no such file.
void import_image(const ImportRequest& request, const std::stop_token& stop);

/// True for http:// and https://.
[[nodiscard]] bool is_url(const std::string& location);

} // namespace lab::images
