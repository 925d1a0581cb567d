// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bootable.h"

namespace lab::engine {

Bootable bootable_vm(const JobRun& run, const plan::MachineTarget& target) {
    const auto& vm = run.lab.test_vm(target.vm);
    auto root = machine_root(run, target);
    if (!root.image) {
        return {std::nullopt, root.id, root.error};
    }
    return {VmToBoot{vm, run.lab.machine_of(vm.name), root.image}, root.id};
}

SutToBoot kernel_of(SutDriver& driver, const ports::ImageLease& image,
                    const plan::Template& recipe) {
    KernelFiles files{image->kernel()};
    if (std::filesystem::exists(image->modules())) {
        files.modules = image->modules();
    }
    SutKernel kernel;
    kernel.files = std::move(files);
    kernel.image = image;
    kernel.boot_once = recipe.recipes->boot_once;
    return {&driver, std::move(kernel)};
}

InstallRequest kernel_request(const JobRun& run, const BuildRequest& build,
                              const BuildOutcome& built, const std::string& sut) {
    InstallRequest request;
    request.build = built.image;
    request.build_id = build.id();
    request.in = build.vm;
    request.in_machine = run.lab.machine_of(build.vm.name);
    request.recipe = build.recipe;
    request.test_vm.name = sut;
    // Room for an install recipe that fills a root.
    request.test_machine.name = "kernel-only";
    request.test_machine.root.recipe = plan::RootRecipe::empty;
    request.test_machine.root.size = gibibytes(8);
    request.priority = build.priority;
    request.delivers = Delivers::kernel;
    return request;
}

Bootable bootable_sut(const JobRun& run, SutDriver& driver, const plan::MachineTarget& target) {
    if (!target.build) {
        return {SutToBoot{&driver}, target.vm};
    }
    const auto request = build_request(run, target.build->vm, target.build->commit);
    const auto id = request.id() + "/" + target.vm;
    const auto built = build_commit(run.shop, run.job, request, run.stop);
    if (built.state == BuildState::failed) {
        return {std::nullopt, id, "does not build: " + built.error};
    }
    const auto installed =
        install_build(run.shop, run.job, kernel_request(run, request, built, target.vm), run.stop);
    if (installed.state == InstallState::failed) {
        return {std::nullopt, id, installed.error};
    }
    return {kernel_of(driver, installed.image, request.recipe), id};
}

} // namespace lab::engine
