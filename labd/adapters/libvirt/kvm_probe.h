// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <filesystem>
#include <string>

namespace lab::adapters {

/// Whether guests of this host may run under KVM, in words for people.
struct KvmAnswer {
    bool usable = false;
    std::string reason; ///< one sentence
    std::string fix;    ///< what to do to get KVM; empty when usable
};

struct KvmProbe {
    std::filesystem::path device = "/dev/kvm";
    std::filesystem::path directory; ///< for the probe guest's disk and the cached answer
    std::string emulator = "qemu-system-x86_64";
    std::string accelerator = "kvm"; ///< what QEMU is asked for
    std::string cpu_model = "host";
    Duration deadline = std::chrono::seconds(10);
};

/// Boots a tiny guest into 64-bit code within the deadline: that /dev/kvm opens proves nothing.
///
/// The answer is cached in the directory for this boot of the host, this kernel and this emulator
/// version. An answer "no device" or "no permission" costs nothing and is never cached.
/// @throws Error infra  when the directory cannot be written. Thread-safe for distinct directories.
[[nodiscard]] KvmAnswer probe_kvm(const KvmProbe& probe);

} // namespace lab::adapters
