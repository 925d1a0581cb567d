// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/job_context.h"
#include "engine/suts/deploy.h"
#include "engine/suts/sut_state.h"
#include "engine/test_machine.h"
#include "engine/workshop.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lab::engine {

/// What a machine by SSH runs for one boot.
struct SutKernel {
    std::optional<KernelFiles> files = {};            ///< absent = its own kernel
    ports::ImageLease image = nullptr;                ///< keeps the files of a build
    std::vector<std::string> cmdline = {};            ///< words behind those of the machine
    std::optional<plan::TemplateFile> boot_once = {}; ///< of the build's template
};

/// Signature of a machine that started anew while nobody asked it to.
inline constexpr const char* rebooted_by_itself = "rebooted by itself";

/// Name of the lock that whoever uses a machine holds.
[[nodiscard]] std::string lock_of_sut(const std::string& name);

/// One machine by SSH, for one job: holds it against others and boots it. What it is made with
/// outlives it. For one thread.
class SutDriver {
public:
    /// Waits until nobody else uses the machine; a phase of the job says so.
    /// @throws Error infra  when the machine is quarantined; Cancelled.
    SutDriver(Workshop& shop, JobContext& job, ports::Sut sut, const std::stop_token& stop);
    SutDriver(const SutDriver&) = delete;
    SutDriver& operator=(const SutDriver&) = delete;
    ~SutDriver();

    /// One boot, which begins with wait_ready().
    [[nodiscard]] std::unique_ptr<TestMachine> boot(SutKernel kernel);

    /// Has the machine run its own kernel again when it does not. Trouble is a warning of the job.
    /// @throws Cancelled
    void restore(const std::stop_token& stop);

private:
    class Boot;

    void connect(const std::stop_token& stop);
    [[nodiscard]] std::optional<SutState> await_boot(const std::string& old_boot,
                                                     const std::stop_token& stop);
    [[nodiscard]] bool power_cycle(const std::stop_token& stop);
    [[nodiscard]] BootFailure rescue(const std::string& what, const std::stop_token& stop);
    /// False for a machine that was not added: nothing is kept of it.
    bool quarantine(const std::string& reason);
    void require_usable() const;
    void start_own_kernel(const std::stop_token& stop);
    void restart(const std::stop_token& stop);

    Workshop& shop_;
    JobContext& job_;
    ports::Sut sut_;
    KeyLocks::Guard guard_;
    LogStream log_;
    SutLink link_;
    std::string last_trouble_; ///< why the last attempt to connect failed
};

} // namespace lab::engine
