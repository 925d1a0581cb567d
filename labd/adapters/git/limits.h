// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/units.h"

#include <cstdint>

namespace lab::adapters {

/// What may be read of a repository and written for it. The defaults are ten times what Linux,
/// FreeBSD and the like need.
struct GitLimits {
    std::uint64_t files = 1'000'000;  ///< of one commit, with directories; git config lab.maxFiles
    Bytes bytes = gibibytes(16);      ///< of all its files; lab.maxBytes
    Bytes file_bytes = gibibytes(1);  ///< of one, which is held in memory; lab.maxFileBytes
    Bytes left_free = mebibytes(256); ///< that writing leaves on a file system
    Duration patience = std::chrono::seconds(10); ///< for a file that does not answer

    friend bool operator==(const GitLimits&, const GitLimits&) = default;
};

} // namespace lab::adapters
