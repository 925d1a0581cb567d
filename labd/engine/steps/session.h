// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/metric_lines.h"
#include "engine/job_context.h"
#include "engine/steps/fingerprint.h"
#include "engine/steps/profile_settings.h"
#include "engine/suts/sut_driver.h"
#include "engine/workshop.h"

#include <optional>
#include <variant>

namespace lab::engine {

/// A virtual machine on a throwaway overlay of an install.
struct VmToBoot {
    plan::TestVm vm;
    plan::Template machine;
    ports::ImageLease install;
};

/// A machine by SSH, and the kernel that it runs.
struct SutToBoot {
    SutDriver* driver = nullptr; ///< outlives the session; never null when it begins
    SutKernel kernel = {};
};

/// One boot of a test machine and what is run on it.
struct SessionRequest {
    std::string target; ///< install id, for people
    std::variant<VmToBoot, SutToBoot> machine;
    std::variant<plan::Benchmark, std::string> check; ///< a benchmark, or a command for the shell
    std::string step_key;                         ///< name of the durable step, unique in the job
    std::optional<ProfileSettings> settings = {}; ///< of a software profile; absent = there is none
    bool ask_what_it_is = false; ///< with settings: whether the outcome has a fingerprint
    Priority priority = Priority::wanted;
};

/// One measured value.
struct Sample {
    core::MetricLine metric;
    std::string session;   ///< uuid of the boot
    unsigned sequence = 0; ///< 1, 2, ... within the session and resultclass
    std::string accelerator;
    std::string time;     ///< RFC 3339
    double host_load = 0; ///< processes that were running or waiting, mean of the last minute
    std::string others;   ///< what other instances did meanwhile: "none" were there, "running",
                          ///< "paused", "pinned" (kept off this one's CPUs)
};

struct SamplesTaken {
    std::vector<Sample> samples;
};

struct CommandEnded {
    int exit_code = 0;
    std::string output; ///< first and last 32 KiB, valid UTF-8
};

/// The guest did not come up, went down, or hung while it was tested.
struct WentDown {
    std::string signature;
    std::string text;
    TryAgain again = TryAgain::useful;
};

/// The check ran and gave nothing to judge by.
struct CheckFailed {
    std::string reason;
};

using SessionResult = std::variant<SamplesTaken, CommandEnded, WentDown, CheckFailed>;

struct SessionOutcome {
    SessionResult result;
    std::string session = {}; ///< uuid of the boot
    std::string start = {};   ///< RFC 3339
    std::string accelerator = {};
    std::string kernel_release = {}; ///< where there are settings and the machine tells it
    std::vector<Sample> before = {}; ///< taken before the check failed or the guest went down
    std::optional<Fingerprint> fingerprint = {};
    unsigned failed_run = 0; ///< the run that did, warm-ups counted; 0 = none
    double seconds = 0.0;
    double boot_seconds = 0.0;
};

/// Boots the machine (a virtual one on a throwaway overlay of the install), runs the check, ends
/// what was booted. A boot that fails, and one that goes down, is tried once more before it counts.
/// @throws Error infra, Cancelled
[[nodiscard]] SessionOutcome run_session(Workshop& shop, JobContext& job,
                                         const SessionRequest& request,
                                         const std::stop_token& stop);

/// Samples as they stand in a job's result.
[[nodiscard]] nlohmann::json to_json(const std::vector<Sample>& samples);

} // namespace lab::engine
