// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lab::adapters {

/// The `linux.seccomp` of a container: the system calls that container engines permit by default,
/// less those of a network's or a debugger's needs; others answer ENOSYS, as on a kernel that lacks
/// them. New user namespaces are refused. Pure.
[[nodiscard]] std::string seccomp_filter();

} // namespace lab::adapters
