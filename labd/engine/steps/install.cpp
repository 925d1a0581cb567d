// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/install.h"

#include "base/error.h"
#include "base/sha256.h"
#include "base/text.h"
#include "engine/command_end.h"
#include "engine/steps/build_place.h"
#include "engine/steps/guest_facts.h"
#include "engine/steps/install_place.h"
#include "engine/steps/root.h"
#include "engine/stopwatch.h"

namespace lab::engine {
namespace {

/// Puts kernel and modules beside each other, whatever recipe has made them, and leaves nothing for
/// install_end.
constexpr const char* collect_kernel_script = R"sh(
handed=$LAB_HANDED
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
cd "$LAB_HANDED"
tar -cf "$LAB_BOOT_DISK" --owner=0 --group=0 -- *
[ -z "$LAB_ROOT_DISK" ] || sync
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

/// How far an install came in one place.
struct Attempt {
    InstallOutcome outcome = {};
    std::string trouble = {}; ///< of the machine's scripts or the place; empty = none

    [[nodiscard]] std::string reason() const { return trouble.empty() ? outcome.error : trouble; }
};

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
        return reserve(shop_, install_machine(request_), stop);
    }

    InstallOutcome run(const std::string& key, HostShare share, const std::stop_token& stop) {
        if (!share) {
            share = reserve_machine(stop);
        }
        started_ = std::chrono::steady_clock::now();
        root_ = ensure_root(shop_, job_, request_.in_machine, stop);
        auto outcome = in_container(key, stop);
        if (!outcome) {
            outcome = in_machine(key, std::move(share), stop);
        }
        outcome->seconds = seconds_since(started_);
        return *std::move(outcome);
    }

private:
    /// None: a machine is to do it. What fails in a container may do so because it is one, and that
    /// is nothing to blame on a commit.
    std::optional<InstallOutcome> in_container(const std::string& key,
                                               const std::stop_token& stop) {
        const auto obstacle = obstacle_to_container(shop_, request_, *test_root_);
        log_.write(obstacle.empty() ? "installs in a container, as its build was made in one\n"
                                    : "installs in a virtual machine: " + obstacle + "\n");
        if (!obstacle.empty()) {
            return std::nullopt;
        }
        const auto draft = begin_draft(key);
        auto place = make_container_install(site(*draft), stop);
        auto attempt = install(*place, stop);
        if (attempt.reason().empty()) {
            attempt.trouble = place->end(stop).value_or("");
        }
        if (!attempt.reason().empty()) {
            job_.warn("install " + request_.id() + ": not possible in a container (" +
                      attempt.reason() + "), so now in a virtual machine");
            return std::nullopt;
        }
        return publish(*draft, std::move(place), std::move(attempt.outcome));
    }

    InstallOutcome in_machine(const std::string& key, HostShare share,
                              const std::stop_token& stop) {
        const auto draft = begin_draft(key);
        auto place = make_vm_install(site(*draft), std::move(share), stop);
        auto attempt = install(*place, stop);
        if (!attempt.trouble.empty()) {
            throw Error(ErrorCode::infra, attempt.trouble);
        }
        if (attempt.outcome.state == InstallState::failed) {
            return attempt.outcome;
        }
        return publish(*draft, std::move(place), std::move(attempt.outcome));
    }

    [[nodiscard]] InstallSite site(ports::ImageDraft& draft) const {
        return {shop_, job_, request_, root_, test_root_, draft};
    }

    std::unique_ptr<ports::ImageDraft> begin_draft(const std::string& key) {
        ports::DraftRequest draft;
        draft.kind = ports::ImageKind::install;
        draft.key = key;
        draft.parent = test_root_;
        return shop_.deps.images.begin(draft);
    }

    Attempt install(InstallPlace& place, const std::stop_token& stop) {
        const auto& machine = *request_.in_machine.build_machine;
        Attempt attempt;
        attempt.trouble = machine_script(place, machine.install_begin, stop);
        if (attempt.trouble.empty()) {
            attempt.outcome = recipe(place, stop);
        }
        if (attempt.reason().empty()) {
            attempt.trouble = hand_over(place, stop);
        }
        return attempt;
    }

    InstallOutcome recipe(InstallPlace& place, const std::stop_token& stop) {
        const CommandRunner runner = [&](const auto& command, const auto& sink, const auto& token) {
            return place.run(command, sink, token);
        };
        const auto told = place.environment();
        const InstallPaths paths{told.at("LAB_DESTDIR"), told.at("LAB_BOOTDIR"),
                                 place.kept_directory() + "/before-install"};
        mark_before_install(runner, paths, stop);
        const auto& script = recipe_of(request_);
        const auto timeout = request_.recipe.recipes->install_timeout;
        const auto result =
            place.run(command_of({script, environment(place), timeout}), sink(), stop);
        InstallOutcome outcome;
        if (result.end == ports::CommandEnd::disconnected) {
            throw Error(ErrorCode::infra,
                        request_.in.name + ": went away while installing " + request_.build_id);
        }
        if (result.end == ports::CommandEnd::timed_out || result.exit_code != 0) {
            outcome.state = InstallState::failed;
            outcome.error = result.end == ports::CommandEnd::timed_out
                                ? "no end within " + format_duration(timeout)
                                : script.path + ": exit code " + std::to_string(result.exit_code);
            log_.flush();
            outcome.log_tail = to_valid_utf8(log_.tail());
            return outcome;
        }
        outcome.artefact = artefact_in_guest(runner, paths, stop);
        return outcome;
    }

    /// What went wrong; empty = nothing.
    std::string hand_over(InstallPlace& place, const std::stop_token& stop) {
        std::vector<plan::TemplateFile> scripts{request_.in_machine.build_machine->install_end};
        if (request_.delivers == Delivers::kernel) {
            scripts.insert(scripts.begin(), {"collect the kernel", collect_kernel_script});
            scripts.push_back({"hand out the kernel", hand_kernel_script});
        }
        std::string trouble;
        for (const auto& script : scripts) {
            if (trouble.empty()) {
                trouble = machine_script(place, script, stop);
            }
        }
        return trouble;
    }

    std::string machine_script(InstallPlace& place, const plan::TemplateFile& script,
                               const std::stop_token& stop) {
        const auto result = place.run(command_of({script, environment(place)}), sink(), stop);
        const bool done = result.end == ports::CommandEnd::exited && result.exit_code == 0;
        return done ? "" : script.path + ": " + how_it_ended(result);
    }

    InstallOutcome publish(ports::ImageDraft& draft, std::unique_ptr<InstallPlace> place,
                           InstallOutcome outcome) {
        take_kernel(draft, place->boot_tar());
        place.reset();
        outcome.image = draft.publish({{"build", request_.build->key},
                                       {"vm", request_.build->labels.at("vm")},
                                       {"commit", request_.build->labels.at("commit")},
                                       {"test_vm", request_.test_vm.name},
                                       {"artefact", outcome.artefact},
                                       {"seconds", std::to_string(seconds_since(started_))}});
        return outcome;
    }

    void take_kernel(const ports::ImageDraft& draft, const std::filesystem::path& boot_tar) {
        const auto& to = draft.directory();
        if (request_.delivers == Delivers::kernel) {
            shop_.deps.boot_files.extract(
                boot_tar, {{"vmlinuz", to / "kernel"},
                           {"modules.tar", to / "modules", ports::Presence::optional}});
        } else if (request_.test_machine.boot.method == plan::BootMethod::direct &&
                   request_.test_machine.boot.kernel_origin == plan::KernelOrigin::install) {
            shop_.deps.boot_files.extract(
                boot_tar, {{"vmlinuz", to / "kernel"}, {"initrd.img", to / "initrd"}});
        }
    }

    [[nodiscard]] std::map<std::string, std::string> environment(const InstallPlace& place) const {
        auto told = place.environment();
        told["LAB_SRC"] = source_directory;
        told["LAB_OBJ"] = object_directory;
        told["LAB_JOBS"] = std::to_string(request_.in.cpus);
        told["LAB_HANDED"] = place.kept_directory() + "/handed";
        return told;
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
    ports::ImageLease root_;
    LogStream log_;
    std::chrono::steady_clock::time_point started_;
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
