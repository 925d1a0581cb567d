// SPDX-License-Identifier: Apache-2.0
#include "engine/console_monitor.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/console_log.h"

#include <array>
#include <fcntl.h>

namespace lab::engine {
namespace {

constexpr Duration poll_pause = std::chrono::milliseconds(25);
constexpr unsigned polls_per_life_check = 20;

} // namespace

ConsoleMonitor::ConsoleMonitor(ports::Hypervisor& hypervisor, Target target)
    : hypervisor_(hypervisor), target_(std::move(target)),
      thread_([this](const std::stop_token& stop) { follow(stop); }) {}

Duration ConsoleMonitor::since(Instant start) const {
    return std::chrono::duration_cast<Duration>(target_.guest->now() - start);
}

BootOutcome ConsoleMonitor::wait_ready(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (;;) {
        throw_if_stopped(stop);
        if (trouble_) {
            throw *trouble_;
        }
        if (failure_) {
            return *failure_;
        }
        if (ready_) {
            return BootReady{*ready_};
        }
        if (since(started_) > target_.boot.timeout) {
            return BootFailure{"no ready mark",
                               "no ready mark within " + format_duration(target_.boot.timeout)};
        }
        if (since(last_output_) > target_.boot.silence) {
            return BootFailure{"silent console",
                               "no console output for " + format_duration(target_.boot.silence)};
        }
        changed_.wait_for(lock, stop, std::chrono::milliseconds(200),
                          [&] { return trouble_ || failure_ || ready_; });
    }
}

std::optional<BootFailure> ConsoleMonitor::failure() const {
    const std::lock_guard lock(mutex_);
    if (trouble_) {
        throw *trouble_;
    }
    return failure_;
}

void ConsoleMonitor::follow(const std::stop_token& stop) {
    FileDescriptor file;
    unsigned polls = 0;
    try {
        auto watch =
            value_or_throw(core::ConsoleWatch::create(target_.ready_mark, target_.boot.crash));
        while (!down_.stop_requested()) {
            read_console(file, watch);
            if (++polls % polls_per_life_check == 0) {
                check_disk(); // first: what wrote too much may have ended for that reason
                check_life();
            }
            sleep_for(poll_pause, stop);
        }
    } catch (const Cancelled&) {
    } catch (...) {
        const auto error = current_error();
        logger("engine")->error("instance lost uuid={} cause={}", target_.guest->uuid(),
                                error.what());
        give_up(error);
    }
}

void ConsoleMonitor::read_console(FileDescriptor& file, core::ConsoleWatch& watch) {
    if (!file) {
        file = FileDescriptor(::open(target_.console_log.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) {
            return;
        }
    }
    std::array<char, 16384> buffer{};
    for (;;) {
        const auto count = ::read(file.get(), buffer.data(), buffer.size());
        if (count <= 0) {
            return;
        }
        watch.feed({buffer.data(), static_cast<std::size_t>(count)});
        std::unique_lock lock(mutex_);
        last_output_ = target_.guest->now();
        console_bytes_ += static_cast<std::uint64_t>(count);
        if (watch.was_ready() && !ready_) {
            ready_ = since(started_);
            changed_.notify_all();
        }
        const bool flooded = console_bytes_ > console_limit.count;
        lock.unlock();
        if (const auto crash = watch.crash()) {
            fail({crash->signature, crash->line});
            return;
        }
        if (flooded) {
            fail({"console flood",
                  "more than " + format_bytes(console_limit) + " of console output"});
            return;
        }
    }
}

void ConsoleMonitor::check_life() {
    const bool stood_still = target_.guest->stands_still();
    const auto state = hypervisor_.state(target_.guest->uuid());
    if (state == ports::MachineState::gone || state == ports::MachineState::stopped) {
        fail({"guest ended", "the guest powered off or reset"});
    }
    // What gives way to another instance's measuring may have begun or ended meanwhile.
    const bool meant = stood_still || target_.guest->stands_still();
    if (state == ports::MachineState::paused && !meant) {
        throw Error(ErrorCode::infra, "instance: was paused by an error of its disks on the host",
                    "check the free space of the lab's directories");
    }
}

void ConsoleMonitor::check_disk() const {
    if (const auto why = fills_the_disk(target_.written, target_.room_at)) {
        throw Error(ErrorCode::infra, "instance: ended before the disk is full: " + *why,
                    "free some space, or give its disks a smaller size");
    }
}

void ConsoleMonitor::give_up(const Error& trouble) {
    {
        const std::lock_guard lock(mutex_);
        trouble_ = trouble;
    }
    changed_.notify_all();
    down_.request_stop();
}

void ConsoleMonitor::fail(BootFailure failure) {
    {
        const std::lock_guard lock(mutex_);
        if (failure_) {
            return;
        }
        failure_ = std::move(failure);
        failure_->text = cap(escape_for_terminal(failure_->text), 500);
        failure_->signature = cap(escape_for_terminal(failure_->signature), 200);
    }
    changed_.notify_all();
    down_.request_stop();
}

} // namespace lab::engine
