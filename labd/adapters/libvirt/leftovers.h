// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lab::adapters {

/// Ends every QEMU that a killed owner of an embedded root left running, its probes of QEMU's
/// capabilities among them, and removes what libvirt noted about them. Guests whose uuid is in
/// `keep` go on.
///
/// Call it before libvirt is opened: libvirt waits without a deadline for the answer of each QEMU
/// it finds again, and for processes that ended but that nobody collects (as in a container
/// without an init).
/// @throws Error infra  when a process outlives SIGKILL by 10 s.
/// @pre The caller owns the root; a running owner would lose its guests.
void end_leftovers(const std::filesystem::path& root, const std::vector<std::string>& keep);

} // namespace lab::adapters
