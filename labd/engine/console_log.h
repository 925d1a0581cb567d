// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>

namespace lab::engine {

/// More than that of console output is no machine's that boots and works.
inline constexpr Bytes console_limit = mebibytes(64);

/// What is kept of a console log that became too long.
inline constexpr Bytes console_kept = mebibytes(1);

/// Cuts a log of more than `limit` bytes down to its last `kept` ones, behind a line that says so.
///
/// Its writer must append (O_APPEND), as QEMU does; what it writes meanwhile may be lost.
/// @return whether it was cut; a log that is not there is not.
/// @throws Error infra
bool cut_log(const std::filesystem::path& file, Bytes limit = console_limit,
             Bytes kept = console_kept);

} // namespace lab::engine
