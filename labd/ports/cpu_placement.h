// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lab::ports {

/// Puts running instances on CPUs of their host. Thread-safe; every failure is an infra Error.
class CpuPlacement {
public:
    virtual ~CpuPlacement() = default;

    /// Numbers of the CPUs that instances may use at all, in ascending order.
    [[nodiscard]] virtual std::vector<unsigned> cpus() = 0;

    /// Keeps every thread of an instance, and those it will start, on `cpus`.
    virtual void place(const std::string& uuid, const std::vector<unsigned>& cpus) = 0;
};

} // namespace lab::ports
