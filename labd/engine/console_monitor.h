// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/handle.h"
#include "core/console_watch.h"
#include "engine/disk_space.h"
#include "engine/quiet_host.h"
#include "engine/test_machine.h"
#include "plan/model.h"
#include "ports/hypervisor.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace lab::engine {

/// Follows one instance's console log and life in a thread of its own.
class ConsoleMonitor {
public:
    struct Target {
        std::filesystem::path console_log;
        plan::BootSpec boot;
        std::string ready_mark;                             ///< with its nonce
        std::shared_ptr<const QuietHost::Guest> guest = {}; ///< its clock is the one that counts
        std::vector<std::filesystem::path> written = {};    ///< files that the guest makes grow
        RoomAt room_at = disk_room;
    };

    ConsoleMonitor(ports::Hypervisor& hypervisor, Target target);

    /// Waits for the ready mark, a crash, silence, the end of the guest or the boot timeout.
    /// @throws Cancelled    when stop was requested.
    /// @throws Error infra  when the host is at fault.
    [[nodiscard]] BootOutcome wait_ready(const std::stop_token& stop);

    /// How the guest went down, once it did.
    /// @throws Error infra  when the host is at fault.
    [[nodiscard]] std::optional<BootFailure> failure() const;

    /// Becomes stopped when the guest goes down.
    [[nodiscard]] std::stop_token down() const { return down_.get_token(); }

private:
    void follow(const std::stop_token& stop);
    [[nodiscard]] Duration since(Instant start) const;
    void read_console(FileDescriptor& file, core::ConsoleWatch& watch);
    void check_life();
    void check_disk() const;
    void fail(BootFailure failure);
    void give_up(const Error& trouble);

    ports::Hypervisor& hypervisor_;
    const Target target_;
    const Instant started_ = target_.guest->now();
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    Instant last_output_ = started_;
    std::uint64_t console_bytes_ = 0;
    std::optional<Duration> ready_;
    std::optional<BootFailure> failure_;
    std::optional<Error> trouble_; ///< the host's fault, not the guest's
    std::stop_source down_;
    std::jthread thread_; // last: it uses the members above
};

} // namespace lab::engine
