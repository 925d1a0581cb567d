// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "engine/command_end.h"
#include "engine/disk_space.h"
#include "engine/steps/build_place.h"
#include "engine/steps/layers.h"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

namespace lab::engine {
namespace {

namespace fs = std::filesystem;

/// How many processes the host's kernel has ended for want of memory since it started.
std::uint64_t ended_for_memory() {
    std::ifstream counters("/proc/vmstat");
    std::string name;
    std::uint64_t count = 0;
    while (counters >> name >> count) {
        if (name == "oom_kill") {
            return count;
        }
    }
    return 0;
}

/// Stops a command that leaves too little of the host's disk: nothing else bounds what a container
/// writes in all.
class DiskWatch {
public:
    DiskWatch(const fs::path& directory, const std::stop_token& stop)
        : passed_on_(stop, Request{stop_}), thread_([this, directory](const std::stop_token& end) {
              std::unique_lock lock(mutex_);
              while (!end.stop_requested() && !is_low(directory)) {
                  changed_.wait_for(lock, end, std::chrono::seconds(1), [] { return false; });
              }
              if (!end.stop_requested()) {
                  stop_.request_stop();
              }
          }) {}

    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

    [[nodiscard]] static bool is_low(const fs::path& directory) {
        const auto room = disk_room(directory);
        return room && room->free.count < low_water(*room).count;
    }

private:
    struct Request {
        std::stop_source& source;
        void operator()() const { source.request_stop(); }
    };

    std::stop_source stop_;
    std::stop_callback<Request> passed_on_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::jthread thread_; // last: it uses the members above
};

class ContainerPlace final : public BuildPlace {
public:
    ContainerPlace(const BuildSite& site, HostShare share, const std::stop_token& stop)
        : site_(site), share_(std::move(share)),
          layers_(unpack_layers(site.shop, site.nearest, stop)),
          workspace_(site.shop.deps.trees.begin_workspace()) {
        ports::ContainerSpec spec;
        spec.root = site.shop.deps.trees.unpack(*site.root, stop);
        spec.layers = layers_.trees;
        spec.workspace = workspace_;
        spec.memory = site.request.vm.memory;
        spec.file_size = site.request.recipe.recipes->image_size;
        session_ = site.shop.deps.containers.open(spec);
    }

    fs::path delta() const override { return workspace_->input() / "delta.tar"; }

    void begin(const ports::OutputSink& sink, const std::stop_token& stop) override {
        fs::permissions(delta(), fs::perms(0444)); // the container's root is somebody else
        const auto seen = std::string(ports::ContainerPlaces::input) + "/delta.tar";
        run_machine_script(site_.request.machine.build_machine->build_begin,
                           begin_environment(site_, "", seen), sink, stop);
    }

    std::map<std::string, std::string> environment() const override {
        return {{"LAB_KERNEL_RELEASE", site_.root->labels.at("kernel_release")}};
    }

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        const auto work = site_.shop.quiet.begin_work(stop);
        const auto before = ended_for_memory();
        const DiskWatch watch(workspace_->directory(), stop);
        ports::CommandResult result;
        try {
            result = session_->run(command, sink, watch.token());
        } catch (const Cancelled&) {
            throw_if_stopped(stop);
            throw disk_trouble();
        }
        if (result.end == ports::CommandEnd::exited && result.exit_code != 0) {
            throw_if_host_failed(before);
        }
        return result;
    }

    void end(const ports::OutputSink& sink, const std::stop_token& stop) override {
        run_machine_script(site_.request.machine.build_machine->build_end, {{"LAB_BUILD_DISK", ""}},
                           sink, stop);
        site_.shop.deps.trees.pack(*workspace_, site_.draft.directory() / "tree.tar.zst", stop);
    }

    void published(const ports::Image& image) override {
        if (fs::exists(site_.draft.directory())) {
            return; // somebody's else: equal by its key, but not byte for byte
        }
        site_.shop.deps.trees.adopt(*workspace_, image);
    }

private:
    /// A virtual machine has memory and a disk of its own; here a command fails for want of the
    /// host's, and that is nothing to blame on a commit.
    void throw_if_host_failed(std::uint64_t ended_before) const {
        if (ended_for_memory() != ended_before) {
            throw Error(ErrorCode::infra,
                        site_.request.vm.name +
                            ": this host ran out of memory while a build failed",
                        "fewer builds at once, or less 'cpus' in lab.yaml, take less");
        }
        if (DiskWatch::is_low(workspace_->directory())) {
            throw disk_trouble();
        }
    }

    [[nodiscard]] Error disk_trouble() const {
        return {ErrorCode::infra,
                site_.request.vm.name + ": a build was stopped, because too little is free: " +
                    space_text(workspace_->directory()),
                "lab image gc"};
    }

    void run_machine_script(const plan::TemplateFile& file,
                            std::map<std::string, std::string> variables,
                            const ports::OutputSink& sink, const std::stop_token& stop) {
        variables.merge(environment());
        const auto result = run(command_of({file, std::move(variables)}), sink, stop);
        if (result.end != ports::CommandEnd::exited || result.exit_code != 0) {
            throw Error(ErrorCode::infra, file.path + ": " + how_it_ended(result));
        }
    }

    const BuildSite site_;
    HostShare share_;
    const Layers layers_;
    const std::shared_ptr<ports::Workspace> workspace_;
    std::unique_ptr<ports::GuestSession> session_;
};

} // namespace

std::unique_ptr<BuildPlace> make_container_place(const BuildSite& site, HostShare share,
                                                 const std::stop_token& stop) {
    return std::make_unique<ContainerPlace>(site, std::move(share), stop);
}

} // namespace lab::engine
