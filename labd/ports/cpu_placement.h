// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <string>
#include <vector>

namespace lab::ports {

/// Puts running instances on CPUs of their host and tells how they fare there. Thread-safe; every
/// failure is an infra Error.
class CpuPlacement {
public:
    virtual ~CpuPlacement() = default;

    /// Numbers of the CPUs that instances may use at all, in ascending order.
    [[nodiscard]] virtual std::vector<unsigned> cpus() = 0;

    /// Keeps every thread of an instance, and those it will start, on `cpus`.
    virtual void place(const std::string& uuid, const std::vector<unsigned>& cpus) = 0;

    /// A counter that grows by the time for which an instance could have run and the host ran
    /// something else, or was not let run itself; of its threads, the one that waited most counts.
    /// Never throws: zero for an instance that is gone, and where the host does not tell.
    [[nodiscard]] virtual Duration waited(const std::string& uuid) noexcept = 0;
};

} // namespace lab::ports
