// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/steps/install.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace lab::engine {

/// What one install works on; all of it outlives the place.
struct InstallSite {
    Workshop& shop;
    JobContext& job;
    const InstallRequest& request;
    ports::ImageLease root;      ///< of the machine that installs
    ports::ImageLease test_root; ///< that is installed into
    ports::ImageDraft& draft;    ///< overlay of it
};

/// Where one install happens: a virtual machine with build and root on disks, or a container with
/// their files. The machine's and the recipe's scripts are run(), then end() is called. For one
/// thread.
class InstallPlace {
public:
    virtual ~InstallPlace() = default;

    /// What scripts are told of the place.
    [[nodiscard]] virtual std::map<std::string, std::string> environment() const = 0;

    /// A directory for what one script leaves to the next.
    [[nodiscard]] virtual std::string kept_directory() const = 0;

    [[nodiscard]] virtual ports::CommandResult run(const ports::GuestCommand& command,
                                                   const ports::OutputSink& sink,
                                                   const std::stop_token& stop) = 0;

    /// Lets go of the root: the draft's disk holds it when this object is gone.
    /// @return why it does not, and a virtual machine is needed.
    /// @throws Error infra, Cancelled
    [[nodiscard]] virtual std::optional<std::string> end(const std::stop_token& stop) = 0;

    /// File on this host with what the scripts wrote to LAB_BOOT_DISK: foreign bytes.
    [[nodiscard]] virtual std::filesystem::path boot_tar() const = 0;
};

/// Starts a machine. A build that is kept as files gets a disk.
/// @throws Error infra, Cancelled
[[nodiscard]] std::unique_ptr<InstallPlace>
make_vm_install(const InstallSite& site, HostShare share, const std::stop_token& stop);

/// @throws Error infra, Cancelled
[[nodiscard]] std::unique_ptr<InstallPlace> make_container_install(const InstallSite& site,
                                                                   const std::stop_token& stop);

/// Why a container cannot do it, or is not to; empty when it can.
[[nodiscard]] std::string obstacle_to_container(Workshop& shop, const InstallRequest& request,
                                                const ports::Image& test_root);

/// The machine that installs, without its disks.
[[nodiscard]] MachineRequest install_machine(const InstallRequest& request);

} // namespace lab::engine
