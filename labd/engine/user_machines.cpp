// SPDX-License-Identifier: Apache-2.0
#include "engine/user_machines.h"

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "engine/console_log.h"
#include "engine/disk_space.h"

#include <algorithm>
#include <set>

namespace lab::engine {
namespace {

constexpr Duration look_pause = std::chrono::seconds(1);

} // namespace

std::vector<std::string> uuids_of_user_machines(ports::InstanceStore& instances) {
    std::vector<std::string> uuids;
    for (const auto& row : instances.instances()) {
        if (row.purpose == "user") {
            uuids.push_back(row.uuid);
        }
    }
    return uuids;
}

void UserMachines::recover() {
    const auto alive = deps_.hypervisor.list();
    const std::set<std::string> running(alive.begin(), alive.end());
    const auto of_users = uuids_of_user_machines(deps_.instances);
    std::set<std::string> kept(of_users.begin(), of_users.end());
    std::erase_if(kept, [&](const std::string& uuid) { return !running.contains(uuid); });
    for (const auto& row : deps_.instances.instances()) {
        if (kept.contains(row.uuid) && !adopted(row)) {
            kept.erase(row.uuid);
        }
    }
    for (const auto& uuid : running) {
        if (!kept.contains(uuid)) {
            end_leftover(uuid);
        }
    }
    for (const auto& row : deps_.instances.instances()) {
        if (!kept.contains(row.uuid)) {
            forget(row);
        }
    }
    remove_stray_directories();
    keeper_ = std::jthread([this](const std::stop_token& stop) { look_after_all(stop); });
}

void UserMachines::end_leftover(const std::string& uuid) {
    logger("engine")->info("ending a leftover instance uuid={}", uuid);
    try {
        deps_.hypervisor.destroy(uuid);
    } catch (const Error& error) {
        // One machine that will not end must not keep the lab from starting.
        logger("engine")->error("a leftover instance stays uuid={} error={}", uuid, error.what());
    }
}

/// A row that cannot be read must not keep the lab from starting: its machine is ended.
bool UserMachines::adopted(const ports::InstanceRow& row) {
    try {
        adopt(row);
        return true;
    } catch (...) {
        logger("engine")->error("an instance of a user is given up uuid={} cause={}", row.uuid,
                                current_error().what());
        return false;
    }
}

void UserMachines::adopt(const ports::InstanceRow& row) {
    const auto access = nlohmann::json::parse(row.access_json);
    Instance::HandedOver machine;
    machine.row = row;
    for (const auto& image : deps_.images.list(std::nullopt)) {
        if (image->key == row.image_key) {
            machine.root = image;
        }
    }
    machine.lease = budget_.adopt(
        {access.at("cpus").get<unsigned>(), Bytes{access.at("memory").get<std::uint64_t>()}});
    machine.guest = quiet_.adopt(row.uuid);
    keep(std::move(machine));
}

void UserMachines::forget(const ports::InstanceRow& row) {
    std::error_code ignored;
    std::filesystem::remove_all(row.directory, ignored);
    deps_.instances.remove_instance(row.uuid);
}

void UserMachines::remove_stray_directories() {
    std::set<std::string> known;
    for (const auto& row : deps_.instances.instances()) {
        known.insert(row.directory);
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(deps_.state_dir / "i", ignored)) {
        if (!known.contains(entry.path().string())) {
            std::filesystem::remove_all(entry.path(), ignored);
        }
    }
}

void UserMachines::keep(Instance::HandedOver machine) {
    const std::lock_guard lock(mutex_);
    const auto uuid = machine.row.uuid;
    machines_.emplace(uuid, std::move(machine));
}

std::optional<ports::InstanceRow> UserMachines::find(const std::string& name) {
    std::optional<ports::InstanceRow> ended;
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::find_if(machines_.begin(), machines_.end(), [&](const auto& entry) {
            return entry.second.row.name == name;
        });
        if (found == machines_.end()) {
            return std::nullopt;
        }
        const auto state = deps_.hypervisor.state(found->first);
        if (state == ports::MachineState::running || state == ports::MachineState::paused) {
            return found->second.row;
        }
        ended = found->second.row;
        machines_.erase(found);
    }
    forget(*ended);
    return std::nullopt;
}

void UserMachines::stop(const std::string& name) {
    const auto row = find(name);
    if (!row) {
        throw Error(ErrorCode::not_found, name + ": is not running", "lab vm list");
    }
    end(*row);
}

void UserMachines::end(const ports::InstanceRow& row) {
    deps_.hypervisor.destroy(row.uuid);
    {
        const std::lock_guard lock(mutex_);
        machines_.erase(row.uuid);
    }
    forget(row);
}

std::vector<ports::InstanceRow> UserMachines::rows() const {
    const std::lock_guard lock(mutex_);
    std::vector<ports::InstanceRow> rows;
    for (const auto& [uuid, machine] : machines_) {
        rows.push_back(machine.row);
    }
    return rows;
}

void UserMachines::look_after_all(const std::stop_token& stop) {
    try {
        for (;;) {
            sleep_for(look_pause, stop);
            for (const auto& row : rows()) {
                look_after(row);
            }
        }
    } catch (const Cancelled&) {
    } catch (...) {
        logger("engine")->error("machines are not looked after cause={}", current_error().what());
    }
}

void UserMachines::look_after(const ports::InstanceRow& row) {
    const std::filesystem::path directory(row.directory);
    const auto console = directory / console_log_name;
    try {
        if (cut_log(console)) {
            logger("engine")->warn("console log cut name={} uuid={}", row.name, row.uuid);
        }
        if (const auto why = fills_the_disk({console, directory / root_overlay_name}, disk_room)) {
            logger("engine")->error("machine ended before the disk is full name={} uuid={} "
                                    "cause={}",
                                    row.name, row.uuid, *why);
            end(row);
        }
    } catch (...) { // the next look may go better, and the other machines want theirs
        logger("engine")->error("machine not looked after name={} cause={}", row.name,
                                current_error().what());
    }
}

} // namespace lab::engine
