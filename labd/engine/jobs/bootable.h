// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/jobs/job_run.h"
#include "engine/steps/session.h"

namespace lab::engine {

/// What sessions boot.
struct Bootable {
    std::optional<std::variant<VmToBoot, SutToBoot>> machine; ///< absent when there is none
    std::string id;         ///< for people, with an abbreviated commit
    std::string error = {}; ///< why there is none
};

/// A test VM's own root, or its root with the target's build installed.
[[nodiscard]] Bootable bootable_vm(const JobRun& run, const plan::MachineTarget& target);

/// A machine by SSH with its own kernel, or with the kernel and modules of a build.
[[nodiscard]] Bootable bootable_sut(const JobRun& run, SutDriver& driver,
                                    const plan::MachineTarget& target);

/// The kernel and modules that a build makes for a machine by SSH, and the session's machine.
[[nodiscard]] SutToBoot kernel_of(SutDriver& driver, const ports::ImageLease& image,
                                  const plan::Template& recipe);

/// The request to get kernel and modules for a machine by SSH out of a build.
[[nodiscard]] InstallRequest kernel_request(const JobRun& run, const BuildRequest& build,
                                            const BuildOutcome& built, const std::string& sut);

} // namespace lab::engine
