// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/files.h"
#include "engine/budget.h"
#include "engine/console_monitor.h"
#include "engine/dependencies.h"
#include "engine/quiet_host.h"
#include "engine/test_machine.h"

#include <memory>
#include <string>
#include <vector>

namespace lab::engine {

struct MachineRequest {
    std::string name; ///< the machine's name, for people
    plan::Template machine;
    unsigned cpus = 1;
    Bytes memory;
    std::string extra_cmdline = {};
    ports::ImageLease root = nullptr;        ///< image that the throwaway root is an overlay of
    ports::ImageLease kernel_from = nullptr; ///< image with kernel and initrd; firmware: unused
    std::vector<ports::Disk> disks = {};     ///< behind the root, in the guest's order
    Priority priority = Priority::wanted;
    plan::GuestClock clock = plan::GuestClock::wall;
};

/// A directory for what one instance needs on the host (overlay, console, input and output disks),
/// below the lab's state; removed with the object.
[[nodiscard]] TemporaryDirectory make_instance_directory(const Dependencies& deps);

/// One running virtual machine on a throwaway overlay of its root image. Ends, and leaves nothing
/// behind, with the object. run() is for one thread at a time.
class Instance final : public TestMachine {
public:
    Instance(const Dependencies& deps, QuietHost& quiet, MachineRequest request,
             TemporaryDirectory directory, std::unique_ptr<Budget::Lease> lease);
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    ~Instance() override;

    BootOutcome wait_ready(const std::stop_token& stop) override;

    /// The session is opened at the first command.
    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override;
    std::optional<BootFailure> failure() const override { return monitor_->failure(); }
    std::unique_ptr<QuietHost::Turn> measure_in_quiet(plan::Quiet quiet,
                                                      const std::stop_token& stop) override;
    Circumstances circumstances(plan::Quiet quiet) override;
    std::string accelerator() const override;

    [[nodiscard]] const std::string& uuid() const { return uuid_; }

    /// How the guest names its n-th disk, 0 being the root.
    [[nodiscard]] std::string disk_device(unsigned index) const;

    /// What keeps a machine going after its Instance object.
    struct HandedOver {
        ports::InstanceRow row;
        ports::ImageLease root;
        std::unique_ptr<Budget::Lease> lease;
        std::shared_ptr<QuietHost::Guest> guest;
    };

    /// Leaves the machine running for the user and gives up everything that would end it.
    [[nodiscard]] HandedOver hand_over();

private:
    void start();
    void open_session(const std::stop_token& stop);

    [[nodiscard]] Timeout session_timeout() const;

    const Dependencies& deps_;
    QuietHost& quiet_;
    const MachineRequest request_;
    TemporaryDirectory directory_;
    std::unique_ptr<Budget::Lease> lease_;
    const std::string uuid_;
    std::string ready_mark_;
    bool handed_over_ = false;
    std::shared_ptr<QuietHost::Guest> guest_;
    std::unique_ptr<ConsoleMonitor> monitor_;
    std::unique_ptr<ports::GuestSession> session_;
};

/// Names of the files in an instance's directory.
inline constexpr const char* console_socket_name = "con";
inline constexpr const char* console_log_name = "console.log";
inline constexpr const char* root_overlay_name = "root.qcow2";

} // namespace lab::engine
