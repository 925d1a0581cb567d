// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/files.h"

namespace lab {

/// Writes a file that must not be there yet; it is there whole or not at all.
/// @throws Error  conflict when there is something by this name, infra.
void write_new_file(const std::filesystem::path& file, std::string_view content,
                    FileAccess access = FileAccess::everyone);

} // namespace lab
