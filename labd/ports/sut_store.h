// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "plan/ssh_address.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::ports {

/// A machine that is not the lab's own and is reached by SSH.
struct Sut {
    std::string name;
    plan::SshAddress address;
    std::string host_key;                      ///< "<type> <base64>": another one is refused
    std::string fingerprint;                   ///< of the host key, for people
    std::vector<std::string> power_cycle = {}; ///< argv that switches it off and on; may be empty
    std::vector<std::string> console = {};     ///< argv that prints its console; may be empty
    Duration boot_timeout = std::chrono::minutes(10); ///< from a reboot to the next SSH answer
    std::string quarantine = {}; ///< why nobody may use it; empty = it may be used
};

/// Keeps the machines that were added. Thread-safe; what a call has stored survives a power cut.
class SutStore {
public:
    virtual ~SutStore() = default;

    /// Adds a machine or replaces the one of that name.
    virtual void put_sut(const Sut& sut) = 0;

    /// Does nothing when there is none of that name.
    virtual void remove_sut(const std::string& name) = 0;

    /// All of them, by name.
    [[nodiscard]] virtual std::vector<Sut> suts() = 0;
};

/// The machine of that name, if there is one.
[[nodiscard]] inline std::optional<Sut> find_sut(SutStore& store, const std::string& name) {
    for (auto& sut : store.suts()) {
        if (sut.name == name) {
            return std::move(sut);
        }
    }
    return std::nullopt;
}

} // namespace lab::ports
