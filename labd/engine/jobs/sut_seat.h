// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/jobs/job_run.h"
#include "engine/suts/sut_driver.h"

#include <mutex>
#include <optional>

namespace lab::engine {

/// The one place on a machine by SSH that the threads of a job share. Thread-safe; the job outlives
/// it.
class SutSeat {
public:
    /// @param name  of a machine that was added, or of a test VM, which has no such place.
    explicit SutSeat(std::string name) : name_(std::move(name)) {}

    /// Whether the job measures on a test VM.
    [[nodiscard]] bool is_vm(const JobRun& run) const {
        return run.lab.config.test_vms.contains(name_);
    }

    /// Calls `work` with the machine's driver when no other thread of the job has it; takes the
    /// machine from other jobs first.
    template <class Work>
    auto use(const JobRun& run, const Work& work) {
        const std::lock_guard lock(mutex_);
        return work(driver(run));
    }

    /// Has the machine run its own kernel again, if it was used.
    void restore(const std::stop_token& stop);

private:
    SutDriver& driver(const JobRun& run);

    const std::string name_;
    std::mutex mutex_;
    std::optional<SutDriver> driver_;
};

} // namespace lab::engine
