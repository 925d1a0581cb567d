// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "engine/steps/build_place.h"
#include "engine/steps/install_place.h"
#include "engine/steps/layers.h"

#include <fcntl.h>

namespace lab::engine {
namespace {

/// Room for kernel and initrd on the output disk, or kernel and modules; sparse, so it costs what
/// is written.
constexpr Bytes boot_disk_size = gibibytes(4);

void make_sparse_file(const std::filesystem::path& file, Bytes size) {
    const FileDescriptor made(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made || ::ftruncate(made.get(), static_cast<off_t>(size.count)) != 0) {
        throw errno_error("create", file.string());
    }
}

class VmInstall final : public InstallPlace {
public:
    VmInstall(const InstallSite& site, HostShare share, const std::stop_token& stop)
        : build_disk_(disk_of_build(site.shop, site.job, site.request.build, stop)) {
        using ports::DiskAccess;
        using ports::DiskCache;
        site.job.phase("install " + site.request.id() + ": starting the machine that installs");
        auto directory = make_instance_directory(site.shop.deps);
        boot_tar_ = directory.path() / "boot.tar";
        make_sparse_file(boot_tar_, boot_disk_size);
        auto machine = install_machine(site.request);
        machine.root = site.root;
        machine.kernel_from = site.root;
        machine.disks = {
            {build_disk_->disk(), plan::ImageFormat::qcow2, DiskAccess::read_only,
             DiskCache::throwaway},
            {site.draft.directory() / "disk.qcow2", plan::ImageFormat::qcow2,
             DiskAccess::read_write, DiskCache::durable},
            {boot_tar_, plan::ImageFormat::raw, DiskAccess::read_write, DiskCache::throwaway}};
        instance_ = start_ready_machine(site.shop, std::move(machine), std::move(directory),
                                        std::move(share), stop);
    }

    std::map<std::string, std::string> environment() const override {
        return {{"LAB_BUILD_DISK", instance_->disk_device(1)},
                {"LAB_ROOT_DISK", instance_->disk_device(2)},
                {"LAB_BOOT_DISK", instance_->disk_device(3)},
                {"LAB_DESTDIR", "/lab/root"},
                {"LAB_BOOTDIR", "/lab/boot"}};
    }

    std::string kept_directory() const override { return "/lab"; }

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        return instance_->run(command, sink, stop);
    }

    std::optional<std::string> end(const std::stop_token& /*stop*/) override {
        return std::nullopt; // install_end has unmounted the root
    }

    std::filesystem::path boot_tar() const override { return boot_tar_; }

private:
    const ports::ImageLease build_disk_;
    std::filesystem::path boot_tar_;
    std::unique_ptr<Instance> instance_;
};

} // namespace

MachineRequest install_machine(const InstallRequest& request) {
    MachineRequest machine;
    machine.name = request.in.name;
    machine.machine = request.in_machine;
    machine.cpus = request.in.cpus;
    machine.memory = request.in.memory;
    machine.priority = request.priority;
    return machine;
}

std::unique_ptr<InstallPlace> make_vm_install(const InstallSite& site, HostShare share,
                                              const std::stop_token& stop) {
    return std::make_unique<VmInstall>(site, std::move(share), stop);
}

} // namespace lab::engine
