// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lab {

/// Name of this host, at most 255 bytes. Thread-safe.
[[nodiscard]] std::string host_name();

} // namespace lab
