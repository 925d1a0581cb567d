// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/machines.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lab::engine {

/// Uuids of the machines that users started and that shall outlive labd.
[[nodiscard]] std::vector<std::string> uuids_of_user_machines(ports::InstanceStore& instances);

/// Machines that users started and that run until they are stopped, also across restarts of labd.
/// Thread-safe.
class UserMachines {
public:
    UserMachines(const Dependencies& deps, Budget& budget, QuietHost& quiet)
        : deps_(deps), budget_(budget), quiet_(quiet) {}

    /// Ends and removes what an earlier process left running for its jobs; takes over the user's
    /// machines that still run. Call once, before anything is started.
    void recover();

    /// Keeps a machine's image and resources reserved while it runs.
    void keep(Instance::HandedOver machine);

    /// The running machine of that name, if there is one.
    [[nodiscard]] std::optional<ports::InstanceRow> find(const std::string& name);

    /// Ends a machine.
    /// @throws Error not_found  when it does not run.
    void stop(const std::string& name);

private:
    void end_leftover(const std::string& uuid);
    [[nodiscard]] bool adopted(const ports::InstanceRow& row);
    void adopt(const ports::InstanceRow& row);
    void forget(const ports::InstanceRow& row);
    void remove_stray_directories();

    const Dependencies& deps_;
    Budget& budget_;
    QuietHost& quiet_;
    std::mutex mutex_;
    std::map<std::string, Instance::HandedOver> machines_; ///< by uuid
};

} // namespace lab::engine
