// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/install.h"

#include "base/error.h"
#include "base/sha256.h"
#include "base/text.h"
#include "engine/steps/guest_facts.h"
#include "engine/steps/layers.h"
#include "engine/steps/root.h"
#include "engine/stopwatch.h"

#include <fcntl.h>

namespace lab::engine {
namespace {

/// Room for kernel and initrd on the output disk, or kernel and modules; sparse, so it costs what
/// is written.
constexpr Bytes boot_disk_size = gibibytes(4);

constexpr const char* destination = "/lab/root";
constexpr const char* boot_directory = "/lab/boot";

/// Puts kernel and modules beside each other, whatever recipe has made them, and leaves nothing for
/// install_end.
constexpr const char* collect_kernel_script = R"sh(
handed=/lab/handed
rm -rf "$handed"
mkdir -p "$handed"
kernel=$LAB_BOOTDIR/vmlinuz
if [ ! -e "$kernel" ]; then
    kernel=$(find "$LAB_DESTDIR/boot" -maxdepth 1 -type f \( -name 'vmlinuz*' -o -name 'Image*' \) | sort | tail -n 1)
fi
[ -n "$kernel" ] || { echo "no kernel: neither vmlinuz in LAB_BOOTDIR nor boot/vmlinuz* or boot/Image* in LAB_DESTDIR"; exit 1; }
cp "$kernel" "$handed/vmlinuz"
if [ -e "$LAB_BOOTDIR/modules.tar" ]; then
    cp "$LAB_BOOTDIR/modules.tar" "$handed/modules.tar"
elif [ -d "$LAB_DESTDIR/lib/modules" ]; then
    tar -C "$LAB_DESTDIR" --sort=name --mtime=@0 --exclude=build --exclude=source \
        -cf "$handed/modules.tar" lib/modules
fi
rm -rf "$LAB_BOOTDIR"
mkdir -p "$LAB_BOOTDIR"
)sh";

constexpr const char* hand_kernel_script = R"sh(
cd /lab/handed
tar -cf "$LAB_BOOT_DISK" --owner=0 --group=0 -- *
sync
)sh";

/// The recipe that makes what is delivered.
const plan::TemplateFile& recipe_of(const InstallRequest& request) {
    const auto& recipes = *request.recipe.recipes;
    return request.delivers == Delivers::kernel && recipes.deploy ? *recipes.deploy
                                                                  : recipes.install;
}

std::string install_key(const InstallRequest& request, const ports::Image& test_root) {
    const auto& machine = *request.in_machine.build_machine;
    const std::string what = request.delivers == Delivers::kernel ? "kernel 1\n" : "install 1\n";
    return sha256_of(what + request.build->digest + "\n" + test_root.digest + "\n" +
                     sha256_of(recipe_of(request).content) + "\n" +
                     sha256_of(machine.install_begin.content) + "\n" +
                     sha256_of(machine.install_end.content));
}

void make_sparse_file(const std::filesystem::path& file, Bytes size) {
    const FileDescriptor made(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made || ::ftruncate(made.get(), static_cast<off_t>(size.count)) != 0) {
        throw errno_error("create", file.string());
    }
}

/// As the build that is installed is called.
std::string log_source(const InstallRequest& request) {
    const auto clean = request.build->labels.find("clean");
    return "install " + request.id() +
           (clean != request.build->labels.end() && clean->second == "yes" ? " clean" : "");
}

class InstallRun {
public:
    InstallRun(Workshop& shop, JobContext& job, const InstallRequest& request,
               ports::ImageLease test_root)
        : shop_(shop), job_(job), request_(request), test_root_(std::move(test_root)),
          log_(job.log(), log_source(request)) {}

    [[nodiscard]] HostShare reserve_machine(const std::stop_token& stop) const {
        return reserve(shop_, make_machine(), stop);
    }

    InstallOutcome run(const std::string& key, HostShare share, const std::stop_token& stop) {
        if (!share) {
            share = reserve_machine(stop);
        }
        const auto started = std::chrono::steady_clock::now();
        build_disk_ = disk_of_build(shop_, job_, request_.build, stop);
        job_.phase("install " + request_.id() + ": starting the machine that installs");
        const auto draft = begin_draft(key);
        auto directory = make_instance_directory(shop_.deps);
        const auto boot_disk = directory.path() / "boot.tar";
        make_sparse_file(boot_disk, boot_disk_size);
        auto instance = start(*draft, boot_disk, std::move(directory), std::move(share), stop);
        auto outcome = install(*instance, stop);
        if (outcome.state != InstallState::failed) {
            hand_over(*instance, stop);
            take_kernel(*draft, boot_disk);
            instance.reset();
            outcome.image = draft->publish({{"build", request_.build->key},
                                            {"vm", request_.build->labels.at("vm")},
                                            {"commit", request_.build->labels.at("commit")},
                                            {"test_vm", request_.test_vm.name},
                                            {"artefact", outcome.artefact},
                                            {"seconds", std::to_string(seconds_since(started))}});
        }
        outcome.seconds = seconds_since(started);
        return outcome;
    }

private:
    std::unique_ptr<ports::ImageDraft> begin_draft(const std::string& key) {
        ports::DraftRequest draft;
        draft.kind = ports::ImageKind::install;
        draft.key = key;
        draft.parent = test_root_;
        return shop_.deps.images.begin(draft);
    }

    [[nodiscard]] MachineRequest make_machine() const {
        MachineRequest machine;
        machine.name = request_.in.name;
        machine.machine = request_.in_machine;
        machine.cpus = request_.in.cpus;
        machine.memory = request_.in.memory;
        machine.priority = request_.priority;
        return machine;
    }

    std::unique_ptr<Instance> start(const ports::ImageDraft& draft,
                                    const std::filesystem::path& boot_disk,
                                    TemporaryDirectory directory, HostShare share,
                                    const std::stop_token& stop) {
        using ports::DiskAccess;
        using ports::DiskCache;
        auto machine = make_machine();
        machine.root = ensure_root(shop_, job_, request_.in_machine, stop);
        machine.kernel_from = machine.root;
        machine.disks = {
            {build_disk_->disk(), plan::ImageFormat::qcow2, DiskAccess::read_only,
             DiskCache::throwaway},
            {draft.directory() / "disk.qcow2", plan::ImageFormat::qcow2, DiskAccess::read_write,
             DiskCache::durable},
            {boot_disk, plan::ImageFormat::raw, DiskAccess::read_write, DiskCache::throwaway}};
        return start_ready_machine(shop_, std::move(machine), std::move(directory),
                                   std::move(share), stop);
    }

    InstallOutcome install(Instance& instance, const std::stop_token& stop) {
        run_machine_script(
            instance, {request_.in_machine.build_machine->install_begin, environment(instance)},
            sink(), stop);
        mark_before_install(instance, stop);
        const auto& recipe = recipe_of(request_);
        const auto timeout = request_.recipe.recipes->install_timeout;
        const auto result =
            run_script(instance, {recipe, environment(instance), timeout}, sink(), stop);
        InstallOutcome outcome;
        if (result.end == ports::CommandEnd::disconnected) {
            throw Error(ErrorCode::infra,
                        request_.in.name + ": went away while installing " + request_.build_id);
        }
        if (result.end == ports::CommandEnd::timed_out || result.exit_code != 0) {
            outcome.state = InstallState::failed;
            outcome.error = result.end == ports::CommandEnd::timed_out
                                ? "no end within " + format_duration(timeout)
                                : recipe.path + ": exit code " + std::to_string(result.exit_code);
            log_.flush();
            outcome.log_tail = to_valid_utf8(log_.tail());
            return outcome;
        }
        outcome.artefact = artefact_in_guest(instance, destination, boot_directory, stop);
        return outcome;
    }

    void hand_over(Instance& instance, const std::stop_token& stop) {
        const bool kernel = request_.delivers == Delivers::kernel;
        const auto run = [&](const plan::TemplateFile& script) {
            run_machine_script(instance, {script, environment(instance)}, sink(), stop);
        };
        if (kernel) {
            run({"collect the kernel", collect_kernel_script});
        }
        run(request_.in_machine.build_machine->install_end);
        if (kernel) {
            run({"hand out the kernel", hand_kernel_script});
        }
    }

    void take_kernel(const ports::ImageDraft& draft, const std::filesystem::path& boot_disk) {
        const auto& to = draft.directory();
        if (request_.delivers == Delivers::kernel) {
            shop_.deps.boot_files.extract(
                boot_disk, {{"vmlinuz", to / "kernel"},
                            {"modules.tar", to / "modules", ports::Presence::optional}});
        } else if (request_.test_machine.boot.method == plan::BootMethod::direct &&
                   request_.test_machine.boot.kernel_origin == plan::KernelOrigin::install) {
            shop_.deps.boot_files.extract(
                boot_disk, {{"vmlinuz", to / "kernel"}, {"initrd.img", to / "initrd"}});
        }
    }

    [[nodiscard]] std::map<std::string, std::string> environment(const Instance& instance) const {
        return {{"LAB_BUILD_DISK", instance.disk_device(1)},
                {"LAB_ROOT_DISK", instance.disk_device(2)},
                {"LAB_BOOT_DISK", instance.disk_device(3)},
                {"LAB_DESTDIR", destination},
                {"LAB_BOOTDIR", boot_directory},
                {"LAB_SRC", "/lab/build/src"},
                {"LAB_OBJ", "/lab/build/obj"},
                {"LAB_JOBS", std::to_string(request_.in.cpus)}};
    }

    ports::OutputSink sink() {
        return [this](std::string_view bytes) {
            log_.write(bytes);
        };
    }

    Workshop& shop_;
    JobContext& job_;
    const InstallRequest& request_;
    ports::ImageLease test_root_;
    ports::ImageLease build_disk_;
    LogStream log_;
};

InstallOutcome cached_install(const ports::ImageLease& image) {
    InstallOutcome outcome;
    outcome.state = InstallState::cached;
    outcome.image = image;
    outcome.seconds = std::stod(image->labels.at("seconds"));
    if (image->labels.contains("artefact")) {
        outcome.artefact = image->labels.at("artefact");
    }
    return outcome;
}

StepResult to_step(const InstallRequest& request, const InstallOutcome& outcome) {
    return {{{"state", to_string(outcome.state)},
             {"error", outcome.error},
             {"log_tail", outcome.log_tail},
             {"artefact", outcome.artefact},
             {"seconds", outcome.seconds}},
            request.id() + ": " + to_string(outcome.state)};
}

InstallOutcome install_from_step(const nlohmann::json& data) {
    InstallOutcome outcome;
    outcome.state = data.at("state") == "failed" ? InstallState::failed : InstallState::installed;
    outcome.error = data.at("error");
    outcome.log_tail = data.at("log_tail");
    outcome.artefact = data.at("artefact");
    outcome.seconds = data.at("seconds");
    return outcome;
}

} // namespace

const char* to_string(InstallState state) noexcept {
    switch (state) {
    case InstallState::installed:
        return "installed";
    case InstallState::cached:
        return "cached";
    case InstallState::failed:
        break;
    }
    return "failed";
}

InstallOutcome install_build(Workshop& shop, JobContext& job, const InstallRequest& request,
                             const std::stop_token& stop) {
    const auto test_root = ensure_root(shop, job, request.test_machine, stop);
    const auto key = install_key(request, *test_root);
    if (const auto image = shop.deps.images.find(ports::ImageKind::install, key)) {
        return cached_install(image);
    }
    // As for builds: who works ahead of time waits for its CPU without the lock.
    HostShare share;
    if (request.priority == Priority::ahead_of_time) {
        share = InstallRun(shop, job, request, test_root).reserve_machine(stop);
    }
    const auto guard = shop.locks.lock("install/" + key, stop);
    if (const auto image = shop.deps.images.find(ports::ImageKind::install, key)) {
        return cached_install(image);
    }
    // The build's own key is in the step's name: one commit may have several builds.
    const auto step = "install/" + request.id() + "/" + key.substr(0, 12);
    ports::ImageLease image;
    const auto work = [&] {
        const auto outcome =
            InstallRun(shop, job, request, test_root).run(key, std::move(share), stop);
        image = outcome.image;
        return to_step(request, outcome);
    };
    auto outcome = install_from_step(job.step(step, stop, work));
    if (outcome.state != InstallState::failed && !image) {
        job.forget(step);
        outcome = install_from_step(job.step(step, stop, work));
    }
    outcome.image = image;
    return outcome;
}

} // namespace lab::engine
