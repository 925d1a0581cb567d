// SPDX-License-Identifier: Apache-2.0
#include "engine/machines.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/log.h"

#include <algorithm>
#include <cstdlib>

namespace lab::engine {
namespace {

constexpr Duration longest_session_start = std::chrono::seconds(90);

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at != std::string::npos) {
        text.replace(at, from.size(), to);
    }
    return text;
}

const char* what_others_do(plan::Quiet quiet) {
    switch (quiet) {
    case plan::Quiet::pause:
        return "paused";
    case plan::Quiet::pin:
        return "pinned";
    case plan::Quiet::none:
        break;
    }
    return "running";
}

std::vector<std::filesystem::path> files_written_by(const ports::MachineSpec& spec) {
    std::vector<std::filesystem::path> files{spec.console_log};
    for (const auto& disk : spec.disks) {
        if (disk.access == ports::DiskAccess::read_write) {
            files.push_back(disk.path);
        }
    }
    return files;
}

/// Stops when either of two tokens stops.
class EitherStop {
public:
    EitherStop(const std::stop_token& first, const std::stop_token& second)
        : first_(first, Request{source_}), second_(second, Request{source_}) {}

    [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

private:
    struct Request {
        std::stop_source& source;
        void operator()() const { source.request_stop(); }
    };

    std::stop_source source_;
    std::stop_callback<Request> first_;
    std::stop_callback<Request> second_;
};

} // namespace

TemporaryDirectory make_instance_directory(const Dependencies& deps) {
    return TemporaryDirectory(deps.state_dir / "i", "");
}

Instance::Instance(const Dependencies& deps, QuietHost& quiet, MachineRequest request,
                   TemporaryDirectory directory, std::unique_ptr<Budget::Lease> lease)
    : deps_(deps), quiet_(quiet), request_(std::move(request)), directory_(std::move(directory)),
      lease_(std::move(lease)), uuid_(new_uuid()) {
    ports::InstanceRow row;
    row.uuid = uuid_;
    row.name = request_.name;
    row.directory = directory_.path().string();
    row.purpose = "job";
    row.image_key = request_.root->key;
    row.access_json = "{}";
    deps_.instances.put_instance(row);
    try {
        start();
    } catch (...) {
        deps_.hypervisor.destroy(uuid_);
        deps_.instances.remove_instance(uuid_);
        throw;
    }
}

void Instance::start() {
    const auto nonce = random_hex(16);
    ready_mark_ = replaced(request_.machine.boot.ready, "{nonce}", nonce);
    const auto root = directory_.path() / root_overlay_name;
    deps_.images.make_overlay(*request_.root, root);
    ports::MachineSpec spec;
    spec.uuid = uuid_;
    spec.name = request_.name + "-" + uuid_.substr(0, 8);
    spec.cpus = request_.cpus;
    spec.memory = request_.memory;
    spec.network = request_.machine.network;
    spec.clock = request_.clock;
    spec.console_log = directory_.path() / console_log_name;
    spec.console_socket = directory_.path() / console_socket_name;
    spec.disks.push_back({root, plan::ImageFormat::qcow2, ports::DiskAccess::read_write,
                          ports::DiskCache::throwaway});
    spec.disks.insert(spec.disks.end(), request_.disks.begin(), request_.disks.end());
    if (request_.machine.boot.method == plan::BootMethod::direct) {
        auto cmdline = request_.machine.boot.cmdline + " lab.nonce=" + nonce;
        if (!request_.extra_cmdline.empty()) {
            cmdline += " " + request_.extra_cmdline;
        }
        spec.kernel = ports::DirectKernel{request_.kernel_from->kernel(),
                                          request_.kernel_from->initrd(), cmdline};
    }
    auto written = files_written_by(spec);
    spec.largest_file = largest_file_beside(written, disk_room);
    deps_.hypervisor.start(spec);
    guest_ = quiet_.enter(uuid_);
    monitor_ = std::make_unique<ConsoleMonitor>(
        deps_.hypervisor, ConsoleMonitor::Target{spec.console_log, request_.machine.boot,
                                                 ready_mark_, guest_, std::move(written)});
    logger("engine")->info("instance started uuid={} name={}", uuid_, request_.name);
}

Instance::~Instance() {
    session_.reset();
    monitor_.reset();
    if (handed_over_) {
        directory_.keep();
        return;
    }
    try {
        deps_.hypervisor.destroy(uuid_);
        deps_.instances.remove_instance(uuid_);
    } catch (...) {
        // The row stays: the next start of the daemon cleans up.
        logger("engine")->warn("instance not ended cleanly uuid={} cause={}", uuid_,
                               current_error().what());
    }
}

BootOutcome Instance::wait_ready(const std::stop_token& stop) {
    return monitor_->wait_ready(stop);
}

Timeout Instance::session_timeout() const {
    return {longest_session_start, [guest = guest_] {
                return guest->now();
            }};
}

void Instance::open_session(const std::stop_token& stop) {
    if (request_.machine.session == plan::SessionKind::console) {
        session_ = deps_.sessions.open_console(directory_.path() / console_socket_name,
                                               session_timeout(), stop);
        return;
    }
    ports::SshEndpoint endpoint;
    endpoint.port = deps_.hypervisor.forward_port(uuid_, 22);
    endpoint.key = deps_.keys.user_key;
    endpoint.host_key = deps_.keys.host_public_key;
    session_ = deps_.sessions.open_ssh(endpoint, session_timeout(), stop);
}

ports::CommandResult Instance::run(const ports::GuestCommand& command,
                                   const ports::OutputSink& sink, const std::stop_token& stop) {
    const EitherStop either(stop, monitor_->down());
    try {
        if (!session_) {
            open_session(either.token());
        }
        auto timed = command;
        timed.timeout.clock = session_timeout().clock;
        return session_->run(timed, sink, either.token());
    } catch (const Cancelled&) {
        throw_if_stopped(stop);
        static_cast<void>(monitor_->failure()); // throws when the host is at fault
    } catch (const Error&) {
        // The session breaks a moment before the console shows why.
        if (!monitor_->failure()) {
            throw;
        }
    }
    ports::CommandResult result;
    result.end = ports::CommandEnd::disconnected;
    return result;
}

std::unique_ptr<QuietHost::Turn> Instance::measure_in_quiet(plan::Quiet quiet,
                                                            const std::stop_token& stop) {
    return quiet_.begin(*guest_, request_.cpus, quiet, stop);
}

Circumstances Instance::circumstances(plan::Quiet quiet) {
    Circumstances around;
    if (::getloadavg(&around.host_load, 1) != 1) {
        around.host_load = 0;
    }
    const auto rows = deps_.instances.instances();
    const bool alone =
        std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row.uuid == uuid_; });
    around.others = alone ? "none" : what_others_do(quiet);
    return around;
}

std::string Instance::accelerator() const {
    return deps_.hypervisor.describe().accelerator;
}

std::string Instance::disk_device(unsigned index) const {
    auto name = replaced(request_.machine.disk_device, "{letter}",
                         std::string(1, static_cast<char>('a' + index)));
    return replaced(name, "{number}", std::to_string(index));
}

Instance::HandedOver Instance::hand_over() {
    nlohmann::json access{
        {"session", request_.machine.session == plan::SessionKind::ssh ? "ssh" : "console"},
        {"console_socket", (directory_.path() / console_socket_name).string()},
        {"console_log", (directory_.path() / console_log_name).string()},
        {"cpus", request_.cpus},
        {"memory", request_.memory.count}};
    if (request_.machine.session == plan::SessionKind::ssh) {
        access["port"] = deps_.hypervisor.forward_port(uuid_, 22);
    }
    ports::InstanceRow row;
    row.uuid = uuid_;
    row.name = request_.name;
    row.directory = directory_.path().string();
    row.purpose = "user";
    row.image_key = request_.root->key;
    row.access_json = json_text(access);
    deps_.instances.put_instance(row);
    handed_over_ = true;
    return {row, request_.root, std::move(lease_), guest_};
}

} // namespace lab::engine
