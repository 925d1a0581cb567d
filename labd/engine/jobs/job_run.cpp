// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/job_run.h"

namespace lab::engine {

BuildRequest build_request(const JobRun& run, const std::string& vm, const std::string& commit) {
    BuildRequest request;
    request.vm = run.lab.build_vm(vm);
    request.machine = run.lab.machine_of(vm);
    request.recipe = run.lab.templates.at(request.vm.recipe);
    request.repo = run.shop.deps.repos.open(run.lab.config.sources.at(request.vm.source).path);
    request.commit = core::CommitId(commit);
    return request;
}

InstallRequest install_request(const JobRun& run, const BuildRequest& build,
                               const BuildOutcome& built, const std::string& test_vm,
                               const std::string& in) {
    InstallRequest request;
    request.build = built.image;
    request.build_id = build.id();
    request.in = in.empty() ? build.vm : run.lab.build_vm(in);
    request.in_machine = run.lab.machine_of(request.in.name);
    request.recipe = build.recipe;
    request.test_vm = run.lab.test_vm(test_vm);
    request.test_machine = run.lab.machine_of(test_vm);
    request.priority = build.priority;
    return request;
}

Installed build_and_install(const JobRun& run, const plan::InstallTarget& target,
                            const std::string& in) {
    Installed done;
    const auto request = build_request(run, target.build.vm, target.build.commit);
    done.build = build_commit(run.shop, run.job, request, run.stop);
    if (done.build.state == BuildState::failed) {
        done.install.state = InstallState::failed;
        done.install.error = "does not build: " + done.build.error;
        done.install.log_tail = done.build.log_tail;
        return done;
    }
    done.install = install_build(
        run.shop, run.job, install_request(run, request, done.build, target.test_vm, in), run.stop);
    return done;
}

} // namespace lab::engine
