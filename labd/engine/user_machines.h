// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/machines.h"

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
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
    /// machines that still run, and begins to look after all: their console logs are cut when they
    /// become too long, and one that would fill the host's disk is ended. Call once, before
    /// anything is started.
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
    void look_after_all(const std::stop_token& stop);
    void look_after(const ports::InstanceRow& row);
    void end(const ports::InstanceRow& row);
    [[nodiscard]] std::vector<ports::InstanceRow> rows() const;

    const Dependencies& deps_;
    Budget& budget_;
    QuietHost& quiet_;
    mutable std::mutex mutex_;
    std::map<std::string, Instance::HandedOver> machines_; ///< by uuid
    std::jthread keeper_;                                  // last: it uses the members above
};

} // namespace lab::engine
