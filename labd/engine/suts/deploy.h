// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/suts/sut_link.h"

#include <filesystem>
#include <string>
#include <variant>

namespace lab::engine {

/// A kernel of this host and its modules.
struct KernelFiles {
    std::filesystem::path kernel;
    std::filesystem::path modules = {}; ///< a directory or a tar archive; empty = it needs none
};

/// A kernel that is on a machine and can be booted there.
struct DeployedKernel {
    std::string key;     ///< names its directory, /boot/lab/<key>
    std::string release; ///< what it will call itself; empty when nobody knows before
    std::string version; ///< uname -v of it; the same
};

/// The files cannot be this machine's kernel: an outcome, for people.
struct Undeployable {
    std::string reason;
};

using Deployment = std::variant<DeployedKernel, Undeployable>;

/// Puts a kernel and its modules on a machine, next to what it has: copied under a temporary name,
/// from where the link broke if it did, compared by SHA-256, then renamed. On Linux the modules go
/// to /lib/modules/<release>, never over those of the machine's own kernels, and an initrd is made
/// by the machine's own tools; on FreeBSD they lie beside the kernel. What is there already is not
/// copied again.
/// @param system   of the machine, as `uname -s` says it.
/// @param scratch  directory on this host for an archive of a module directory.
/// @throws Error infra  also when the machine's disk is full; not_found for files that are not
/// here.
/// @throws Cancelled
[[nodiscard]] Deployment deploy(SutLink& link, const std::string& system, const KernelFiles& files,
                                const std::filesystem::path& scratch, const ports::OutputSink& sink,
                                const std::stop_token& stop);

} // namespace lab::engine
