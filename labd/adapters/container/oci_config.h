// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lab::adapters {

/// A file or directory that a container sees.
struct OciBind {
    std::string source;
    std::string target;
    bool writable = false;
};

/// `count` ids from `outside`, as the runtime sees them, are those from `inside` on.
struct OciIds {
    unsigned inside = 0;
    unsigned outside = 0;
    unsigned count = 0;
};

/// An overlay file system; of all layers the first is the topmost.
struct OciOverlay {
    std::vector<std::string> layers; ///< at least one; two when nothing is written
    std::string upper;               ///< empty = it is only read
    std::string work;
    std::string target;
};

/// Bounds of each process; absent = those of labd.
struct OciLimits {
    std::optional<std::uint64_t> memory = {};    ///< bytes of data
    std::optional<std::uint64_t> file_size = {}; ///< bytes
    std::optional<std::uint64_t> processes = {}; ///< of the container in all
};

struct OciRequest {
    std::vector<std::string> argv;
    std::string root; ///< read-only
    std::vector<OciOverlay> overlays;
    std::vector<OciBind> binds;
    std::vector<OciIds> ids; ///< of users and groups alike
    OciLimits limits;
};

/// The config.json of an OCI container that can do no more than build: namespaces of its own, no
/// network but a loopback, a read-only root, tmpfs for the rest, few capabilities, no new ones, and
/// the system calls of seccomp_filter(). Pure.
[[nodiscard]] std::string oci_config(const OciRequest& request);

} // namespace lab::adapters
