// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lab::adapters {

/// Whether these are the words of a QEMU that emulates a machine.
[[nodiscard]] bool is_qemu(const std::vector<std::string>& words);

/// The uuid that a QEMU was started with; empty when there is none.
[[nodiscard]] std::string uuid_of(const std::vector<std::string>& words);

/// The process of this host that runs an instance.
[[nodiscard]] std::optional<pid_t> find_qemu(const std::string& uuid);

} // namespace lab::adapters
