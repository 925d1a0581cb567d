// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "ports/cpu_placement.h"

#include <map>
#include <mutex>

namespace lab::fakes {

/// A host of four CPUs that notes where instances were placed. Thread-safe.
class FakeCpuPlacement : public ports::CpuPlacement {
public:
    std::vector<unsigned> cpus() override { return {0, 1, 2, 3}; }

    void place(const std::string& uuid, const std::vector<unsigned>& cpus) override {
        const std::lock_guard lock(mutex_);
        places_[uuid] = cpus;
    }

    Duration waited(const std::string& uuid) noexcept override {
        const std::lock_guard lock(mutex_);
        const auto found = waits_.find(uuid);
        return found == waits_.end() ? Duration::zero() : found->second;
    }

    /// From here on the instance has waited that long for a CPU, altogether.
    void let_wait(const std::string& uuid, Duration altogether) {
        const std::lock_guard lock(mutex_);
        waits_[uuid] = altogether;
    }

    /// Where it was placed last; all CPUs when it never was.
    [[nodiscard]] std::vector<unsigned> place_of(const std::string& uuid) {
        const std::lock_guard lock(mutex_);
        const auto found = places_.find(uuid);
        return found == places_.end() ? cpus() : found->second;
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::vector<unsigned>> places_;
    std::map<std::string, Duration> waits_;
};

} // namespace lab::fakes
