// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <spdlog/spdlog.h>
#include <string>

namespace lab {

/// Sends every logger to `file` (rotated: 5 files of 4 MiB); without a call loggers write nothing.
/// Call once, before the first logger is made.
void open_log(const std::filesystem::path& file);

/// The logger of a library, for example "engine". Thread-safe.
/// Lines are a fixed sentence, then key=value pairs; guest text goes through escape_for_terminal.
[[nodiscard]] std::shared_ptr<spdlog::logger> logger(const std::string& library);

} // namespace lab
