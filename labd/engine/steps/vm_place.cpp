// SPDX-License-Identifier: Apache-2.0
#include "engine/flattener.h"
#include "engine/steps/build_place.h"

namespace lab::engine {
namespace {

class VmPlace final : public BuildPlace {
public:
    VmPlace(const BuildSite& site, HostShare share)
        : site_(site), share_(std::move(share)),
          directory_(make_instance_directory(site.shop.deps)) {}

    std::filesystem::path delta() const override { return directory_.path() / "delta.tar"; }

    void begin(const ports::OutputSink& sink, const std::stop_token& stop) override {
        auto machine = build_machine(site_.request, site_.root);
        machine.disks = {{site_.draft.directory() / "disk.qcow2", plan::ImageFormat::qcow2,
                          ports::DiskAccess::read_write, ports::DiskCache::durable},
                         {delta(), plan::ImageFormat::raw, ports::DiskAccess::read_only,
                          ports::DiskCache::throwaway}};
        instance_ = start_ready_machine(site_.shop, std::move(machine), std::move(directory_),
                                        std::move(share_), stop);
        run_machine_script(
            *instance_,
            {site_.request.machine.build_machine->build_begin,
             begin_environment(site_, instance_->disk_device(1), instance_->disk_device(2))},
            sink, stop);
    }

    std::map<std::string, std::string> environment() const override { return {}; }

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        return instance_->run(command, sink, stop);
    }

    void end(const ports::OutputSink& sink, const std::stop_token& stop) override {
        run_machine_script(*instance_,
                           {site_.request.machine.build_machine->build_end,
                            {{"LAB_BUILD_DISK", instance_->disk_device(1)}}},
                           sink, stop);
        instance_.reset();
    }

    void published(const ports::Image& image) override { site_.shop.flattener.consider(image); }

private:
    const BuildSite site_;
    HostShare share_;
    TemporaryDirectory directory_;
    std::unique_ptr<Instance> instance_;
};

} // namespace

MachineRequest build_machine(const BuildRequest& request, const ports::ImageLease& root) {
    MachineRequest machine;
    machine.name = request.vm.name;
    machine.machine = request.machine;
    machine.cpus = request.vm.cpus;
    machine.memory = request.vm.memory;
    machine.root = root;
    machine.kernel_from = root;
    machine.priority = request.priority;
    return machine;
}

std::map<std::string, std::string> begin_environment(const BuildSite& site,
                                                     const std::string& build_disk,
                                                     const std::string& delta_disk) {
    return {{"LAB_BUILD_DISK", build_disk},
            {"LAB_DELTA_DISK", delta_disk},
            {"LAB_NEW", site.nearest ? "0" : "1"},
            {"LAB_SRC", source_directory},
            {"LAB_OBJ", object_directory}};
}

std::unique_ptr<BuildPlace> make_vm_place(const BuildSite& site, HostShare share) {
    return std::make_unique<VmPlace>(site, std::move(share));
}

} // namespace lab::engine
