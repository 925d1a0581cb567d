// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lab::engine {

/// The scripts (POSIX sh, run as root) by which one operating system gets and boots a kernel.
struct SystemScripts {
    std::string place_kernel;
    std::string boot_once;
};

/// Null for a system whose kernels lab cannot boot. Thread-safe.
/// @param system  as `uname -s` says it; foreign text.
[[nodiscard]] const SystemScripts* scripts_of(const std::string& system);

/// That it is none of those.
[[nodiscard]] std::string not_bootable_text(const std::string& system);

} // namespace lab::engine
