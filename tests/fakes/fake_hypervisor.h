// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "ports/hypervisor.h"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lab::fakes {

/// Hypervisor in memory, cranked by hand: instances do nothing by themselves. Thread-safe.
/// Kept honest by the contract tests of the libvirt adapter.
class FakeHypervisor : public ports::Hypervisor {
public:
    /// Called at the end of every start(), for example to write a ready mark to the console log.
    std::function<void(const ports::MachineSpec&)> on_start = nullptr;

    /// The next start() throws this.
    void fail_next_start(Error error) {
        const std::lock_guard lock(mutex_);
        next_failure_ = std::move(error);
    }

    /// The guest ends by itself: power-off, reset or crash.
    void end_by_itself(const std::string& uuid) {
        const std::lock_guard lock(mutex_);
        instances_.erase(uuid);
    }

    /// What running and paused instances were started with.
    [[nodiscard]] std::vector<ports::MachineSpec> specs() const {
        const std::lock_guard lock(mutex_);
        std::vector<ports::MachineSpec> all;
        for (const auto& [uuid, instance] : instances_) {
            all.push_back(instance.spec);
        }
        return all;
    }

    void start(const ports::MachineSpec& spec) override {
        {
            const std::lock_guard lock(mutex_);
            check_start(spec);
            instances_.emplace(spec.uuid, Instance{spec});
        }
        if (on_start) {
            on_start(spec);
        }
    }

    ports::MachineState state(const std::string& uuid) override {
        const std::lock_guard lock(mutex_);
        const auto found = instances_.find(uuid);
        return found == instances_.end() ? ports::MachineState::gone : found->second.state;
    }

    void destroy(const std::string& uuid) override {
        const std::lock_guard lock(mutex_);
        instances_.erase(uuid);
    }

    std::vector<std::string> list() override {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> uuids;
        for (const auto& [uuid, instance] : instances_) {
            uuids.push_back(uuid);
        }
        return uuids;
    }

    std::uint16_t forward_port(const std::string& uuid, std::uint16_t guest_port) override {
        const std::lock_guard lock(mutex_);
        auto& instance = find(uuid);
        if (instance.spec.network == plan::NetworkKind::none) {
            throw Error(ErrorCode::infra, uuid + ": cannot forward a port without a network");
        }
        const auto [forward, is_new] = instance.forwards.try_emplace(guest_port, next_port_);
        next_port_ = static_cast<std::uint16_t>(next_port_ + (is_new ? 1 : 0));
        return forward->second;
    }

    void suspend(const std::string& uuid) override { set_state(uuid, ports::MachineState::paused); }

    void resume(const std::string& uuid) override { set_state(uuid, ports::MachineState::running); }

    ports::HypervisorInfo describe() override {
        return {"tcg", "This is a fake.", "Use a real hypervisor.", "fake:///", "fake 1.0"};
    }

private:
    struct Instance {
        ports::MachineSpec spec;
        ports::MachineState state = ports::MachineState::running;
        std::map<std::uint16_t, std::uint16_t> forwards = {};
    };

    void check_start(const ports::MachineSpec& spec) {
        if (const auto failure = std::exchange(next_failure_, std::nullopt)) {
            throw *failure;
        }
        for (const auto& [uuid, other] : instances_) {
            if (uuid == spec.uuid || other.spec.name == spec.name) {
                throw Error(ErrorCode::conflict, spec.name + ": runs already");
            }
        }
        for (const auto& disk : spec.disks) {
            if (!std::filesystem::exists(disk.path)) {
                throw Error(ErrorCode::infra, disk.path.string() + ": no such disk");
            }
        }
    }

    [[nodiscard]] Instance& find(const std::string& uuid) {
        const auto found = instances_.find(uuid);
        if (found == instances_.end()) {
            throw Error(ErrorCode::not_found, uuid + ": no such instance");
        }
        return found->second;
    }

    void set_state(const std::string& uuid, ports::MachineState state) {
        const std::lock_guard lock(mutex_);
        find(uuid).state = state;
    }

    mutable std::mutex mutex_;
    std::map<std::string, Instance> instances_;
    std::optional<Error> next_failure_;
    std::uint16_t next_port_ = 40000;
};

} // namespace lab::fakes
