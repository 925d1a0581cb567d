// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lab {

/// Name of this host, at most 255 bytes. Thread-safe.
[[nodiscard]] std::string host_name();

/// System, release and architecture of this host, for example "Linux 6.1.0-18-amd64 x86_64".
/// Thread-safe.
[[nodiscard]] std::string host_system();

/// What this host calls its processors, for example "AMD EPYC 7B13"; empty when it does not say.
/// Thread-safe.
[[nodiscard]] std::string host_processor();

} // namespace lab
