// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/container_commands.h"

#include "base/error.h"
#include "engine/disk_space.h"

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

} // namespace

ContainerCommands::ContainerCommands(Workshop& shop, std::string machine,
                                     const ports::ContainerSpec& spec)
    : shop_(shop), machine_(std::move(machine)), workspace_(spec.workspace),
      session_(shop.deps.containers.open(spec)) {}

ports::CommandResult ContainerCommands::run(const ports::GuestCommand& command,
                                            const ports::OutputSink& sink,
                                            const std::stop_token& stop) {
    const auto work = shop_.quiet.begin_work(stop);
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

/// A virtual machine has memory and a disk of its own; here a command fails for want of the
/// host's, and that is nothing to blame on a commit.
void ContainerCommands::throw_if_host_failed(std::uint64_t ended_before) const {
    if (ended_for_memory() != ended_before) {
        throw Error(ErrorCode::infra,
                    machine_ + ": this host ran out of memory while a script failed",
                    "fewer builds at once, or less 'cpus' in lab.yaml, take less");
    }
    if (DiskWatch::is_low(workspace_->directory())) {
        throw disk_trouble();
    }
}

Error ContainerCommands::disk_trouble() const {
    return {ErrorCode::infra,
            machine_ + ": a script was stopped, because too little is free: " +
                space_text(workspace_->directory()),
            "lab image gc"};
}

} // namespace lab::engine
