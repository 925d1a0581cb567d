// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/cpu_placement.h"

#include <memory>

namespace lab::adapters {

/// Places QEMU processes of this host by the affinity of their threads: libvirt places the virtual
/// CPUs of emulated guests only through control groups, which an embedded driver may not have.
/// Instances on other hosts are infra Errors.
[[nodiscard]] std::unique_ptr<ports::CpuPlacement> make_cpu_placement();

} // namespace lab::adapters
