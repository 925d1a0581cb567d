// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"
#include "engine/catalog.h"
#include "engine/job_context.h"
#include "engine/steps/build.h"
#include "engine/steps/install.h"
#include "engine/workshop.h"
#include "plan/job_spec.h"

#include <stop_token>

namespace lab::engine {

/// What a job that is being run works with.
struct JobRun {
    Workshop& shop;
    JobContext& job;
    const Lab& lab;
    const Catalog& catalog;
    std::stop_token stop;
};

/// How a job ended when nothing was thrown.
struct JobEnd {
    int exit_code = 0; ///< of the command line
    nlohmann::json result;
    std::string error = {}; ///< one line when exit_code is not 0
    std::string hint = {};
};

/// One function a kind of job. Each replays what an earlier run of the job has done.
/// @throws Error, Cancelled
[[nodiscard]] JobEnd run_job(const JobRun& run, const plan::CreateSpec& spec);
[[nodiscard]] JobEnd run_job(const JobRun& run, const plan::BuildSpec& spec);
[[nodiscard]] JobEnd run_job(const JobRun& run, const plan::InstallSpec& spec);
[[nodiscard]] JobEnd run_job(const JobRun& run, const plan::TestSpec& spec);
[[nodiscard]] JobEnd run_job(const JobRun& run, const plan::BisectSpec& spec);
[[nodiscard]] JobEnd run_job(const JobRun& run, const plan::StartSpec& spec);
[[nodiscard]] JobEnd run_job(const JobRun& run, const plan::PlanSpec& spec);

/// The request for a build of a resolved target.
[[nodiscard]] BuildRequest build_request(const JobRun& run, const std::string& vm,
                                         const std::string& commit);

/// The request to install a build; `in` names the build VM that does it, empty = the one that
/// built.
[[nodiscard]] InstallRequest install_request(const JobRun& run, const BuildRequest& build,
                                             const BuildOutcome& built, const std::string& test_vm,
                                             const std::string& in);

/// Builds and installs what a target names.
struct Installed {
    BuildOutcome build;
    InstallOutcome install; ///< failed, with the build's error, when there is no build
};

/// The image that a machine boots from: its own root, or its root with a build installed.
struct MachineRoot {
    ports::ImageLease image; ///< empty when the build or the install failed
    std::string error = {};  ///< then why
    std::string id;          ///< of the target, with an abbreviated commit
};

[[nodiscard]] MachineRoot machine_root(const JobRun& run, const plan::MachineTarget& target);

[[nodiscard]] Installed build_and_install(const JobRun& run, const plan::InstallTarget& target,
                                          const std::string& in);

} // namespace lab::engine
