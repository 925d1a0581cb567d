// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "engine/jobs/job_run.h"
#include "engine/parallel.h"
#include "engine/steps/root.h"
#include "engine/stopwatch.h"
#include "engine/user_machines.h"

#include <algorithm>

namespace lab::engine {
namespace {

std::string id_of(const plan::BuildTarget& target) {
    return target.vm + "/" + target.commit.substr(0, 12);
}

nlohmann::json describe(const plan::BuildTarget& target, const plan::BuildSpec& spec,
                        const BuildOutcome& outcome) {
    return {{"id", id_of(target)},
            {"commit", target.commit},
            {"state", to_string(outcome.state)},
            {"mode", plan::to_string(spec.mode)},
            {"clean", spec.clean == plan::CleanBuild::yes},
            {"image", outcome.image ? outcome.image->directory.string() : ""},
            {"digest", outcome.image ? outcome.image->digest : ""},
            {"seconds", outcome.seconds},
            {"changed_files", outcome.changed_files},
            {"parent", outcome.parent.substr(0, 12)},
            {"error", outcome.error},
            {"log_tail", outcome.log_tail}};
}

std::string whole_output(const JobRun& run) {
    return "the whole output: lab job logs " + run.job.id();
}

struct Failed {
    std::size_t count;
    std::size_t of;
};

JobEnd end_with(const JobRun& run, nlohmann::json result, const Failed& failed,
                const std::string& what) {
    JobEnd end;
    end.result = std::move(result);
    if (failed.count > 0) {
        end.exit_code = 1;
        end.error = std::to_string(failed.count) + " of " + std::to_string(failed.of) + " " + what +
                    " failed";
        end.hint = whole_output(run);
    }
    return end;
}

} // namespace

JobEnd run_job(const JobRun& run, const plan::CreateSpec& spec) {
    auto roots = nlohmann::json::array();
    for (const auto& name : spec.vms) {
        const auto started = std::chrono::steady_clock::now();
        const auto machine = run.lab.machine_of(name);
        const ports::RootRequest request{machine, run.shop.deps.keys};
        const bool cached =
            run.shop.deps.images.find(ports::ImageKind::root,
                                      run.shop.deps.roots.key_of(request)) != nullptr;
        const auto image = ensure_root(run.shop, run.job, machine, run.stop);
        roots.push_back({{"vm", name},
                         {"machine", machine.name},
                         {"state", cached ? "cached" : "made"},
                         {"image", image->directory.string()},
                         {"seconds", seconds_since(started)}});
    }
    return {0, {{"roots", roots}}};
}

JobEnd run_job(const JobRun& run, const plan::BuildSpec& spec) {
    std::vector<nlohmann::json> builds(spec.targets.size());
    std::vector<char> failed(spec.targets.size(), 0);
    for_each_index(spec.targets.size(), [&](std::size_t i) {
        const auto& target = spec.targets[i];
        auto request = build_request(run, target.vm, target.commit);
        request.mode = spec.mode;
        request.clean = spec.clean;
        const auto outcome = build_commit(run.shop, run.job, request, run.stop);
        builds[i] = describe(target, spec, outcome);
        failed[i] = outcome.state == BuildState::failed ? 1 : 0;
        run.job.phase("build " + request.id() + ": " + to_string(outcome.state));
    });
    const auto count = static_cast<std::size_t>(std::count(failed.begin(), failed.end(), 1));
    return end_with(run, {{"builds", builds}}, {count, builds.size()}, "builds");
}

JobEnd run_job(const JobRun& run, const plan::InstallSpec& spec) {
    std::vector<nlohmann::json> installs(spec.targets.size());
    std::vector<char> failed(spec.targets.size(), 0);
    for_each_index(spec.targets.size(), [&](std::size_t i) {
        const auto& target = spec.targets[i];
        const auto done = build_and_install(run, target, spec.in);
        const auto id = id_of(target.build) + "/" + target.test_vm;
        installs[i] = {{"id", id},
                       {"commit", target.build.commit},
                       {"state", to_string(done.install.state)},
                       {"image", done.install.image ? done.install.image->directory.string() : ""},
                       {"seconds", done.install.seconds},
                       {"error", done.install.error},
                       {"log_tail", done.install.log_tail}};
        failed[i] = done.install.state == InstallState::failed ? 1 : 0;
        run.job.phase("install " + id + ": " + to_string(done.install.state));
    });
    const auto count = static_cast<std::size_t>(std::count(failed.begin(), failed.end(), 1));
    return end_with(run, {{"installs", installs}}, {count, installs.size()}, "installs");
}

MachineRoot machine_root(const JobRun& run, const plan::MachineTarget& target) {
    if (!target.build) {
        return {
            ensure_root(run.shop, run.job, run.lab.machine_of(target.vm), run.stop), {}, target.vm};
    }
    const auto done = build_and_install(run, {*target.build, target.vm}, "");
    return {done.install.image, done.install.error, id_of(*target.build) + "/" + target.vm};
}

JobEnd run_job(const JobRun& run, const plan::StartSpec& spec) {
    MachineRequest machine;
    const auto& name = spec.target.vm;
    machine.name = name;
    machine.machine = run.lab.machine_of(name);
    const auto build_vm = run.lab.config.build_vms.find(name);
    if (build_vm != run.lab.config.build_vms.end()) {
        machine.cpus = build_vm->second.cpus;
        machine.memory = build_vm->second.memory;
    } else {
        const auto& vm = run.lab.test_vm(name);
        machine.cpus = vm.cpus;
        machine.memory = vm.memory;
        machine.extra_cmdline = vm.cmdline;
    }
    if (run.shop.users.find(name)) {
        throw Error(ErrorCode::conflict, name + ": is running already",
                    (machine.machine.session == plan::SessionKind::ssh ? "lab vm ssh "
                                                                       : "lab vm console ") +
                        name + ", or lab vm stop " + name);
    }
    const auto root = machine_root(run, spec.target);
    if (!root.image) {
        return {1, {{"vm", name}}, name + ": " + root.error, whole_output(run)};
    }
    machine.root = root.image;
    machine.kernel_from = machine.root;
    run.job.phase("start " + name + ": booting");
    auto instance = std::make_unique<Instance>(run.shop.deps, run.shop.quiet, machine,
                                               make_instance_directory(run.shop.deps),
                                               reserve(run.shop, machine, run.stop));
    const auto outcome = instance->wait_ready(run.stop);
    if (const auto* failure = std::get_if<BootFailure>(&outcome)) {
        return {1, {{"vm", name}}, name + ": does not boot: " + failure->text, ""};
    }
    auto kept = instance->hand_over();
    const auto uuid = kept.row.uuid;
    run.shop.users.keep(std::move(kept));
    const bool ssh = machine.machine.session == plan::SessionKind::ssh;
    return {0, {{"vm", name}, {"instance", uuid}, {"session", ssh ? "ssh" : "console"}}};
}

} // namespace lab::engine
