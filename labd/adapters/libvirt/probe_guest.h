// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lab::adapters {

/// What the probe guest writes to the debug port (0xe9) once 64-bit code has run.
inline constexpr std::string_view probe_mark = "LAB-64BIT 1\n";

/// Exit code of QEMU when the probe guest ends by itself (isa-debug-exit at 0xf4: 2 * 0x2a + 1).
inline constexpr int probe_exit_code = 85;

/// Raw disk (1 MiB) of the probe guest: a boot sector that enters long mode, runs 100 million loop
/// rounds there, writes probe_mark and ends QEMU.
///
/// The loop matters: there are hosts whose KVM interprets 64-bit guest code instruction by
/// instruction, so that a short program ends and a kernel never comes up. TCG needs 0.3 s for it.
[[nodiscard]] std::string probe_disk();

} // namespace lab::adapters
