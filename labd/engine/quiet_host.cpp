// SPDX-License-Identifier: Apache-2.0
#include "engine/quiet_host.h"

#include "base/error.h"
#include "base/log.h"

#include <algorithm>

namespace lab::engine {

Instant QuietHost::Guest::now() const {
    const std::lock_guard lock(mutex_);
    waited_ = std::max(waited_, host_.placement_.waited(uuid_));
    // A wait is seen after it began, and a clock does not go back.
    last_ = std::max(last_, since_.value_or(std::chrono::steady_clock::now()) - lost_ - waited_);
    return last_;
}

bool QuietHost::Guest::stands_still() const {
    const std::lock_guard lock(mutex_);
    return since_.has_value();
}

void QuietHost::Guest::stop_clock() {
    const std::lock_guard lock(mutex_);
    if (!since_) {
        since_ = std::chrono::steady_clock::now();
    }
}

void QuietHost::Guest::start_clock() {
    const std::lock_guard lock(mutex_);
    if (since_) {
        lost_ += std::chrono::steady_clock::now() - *since_;
        since_.reset();
    }
}

std::shared_ptr<QuietHost::Guest> QuietHost::enter(const std::string& uuid) {
    auto guest = std::make_shared<Guest>(*this, uuid);
    const std::lock_guard lock(mutex_);
    guests_.insert(guest.get());
    if (measuring_) {
        give_way(*guest);
    }
    return guest;
}

std::shared_ptr<QuietHost::Guest> QuietHost::adopt(const std::string& uuid) {
    hypervisor_.resume(uuid);
    placement_.place(uuid, placement_.cpus());
    return enter(uuid);
}

void QuietHost::leave(Guest& guest) {
    const std::lock_guard lock(mutex_);
    guests_.erase(&guest);
}

std::unique_ptr<QuietHost::Turn> QuietHost::begin(Guest& guest, unsigned cpus, plan::Quiet quiet,
                                                  const std::stop_token& stop) {
    if (quiet == plan::Quiet::none) {
        return nullptr;
    }
    take_turn({&guest, quiet, {}}, cpus, stop);
    // From here on the turn puts everything right, also when an instance does not give way.
    auto turn = std::make_unique<Turn>(*this);
    const std::lock_guard lock(mutex_);
    for (auto* other : guests_) {
        give_way(*other);
    }
    return turn;
}

void QuietHost::take_turn(Measuring measuring, unsigned cpus, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.wait(lock, stop, [&] { return !measuring_ && working_ == 0; });
    --waiting_;
    if (stop.stop_requested()) {
        changed_.notify_all(); // work that gave way to us need not wait
    }
    throw_if_stopped(stop);
    if (measuring.quiet == plan::Quiet::pin) {
        auto all = placement_.cpus();
        if (all.size() <= cpus) {
            throw Error(ErrorCode::bad_input,
                        "quiet pin: instances have " + std::to_string(all.size()) +
                            " CPUs of the host (the one that measures takes " +
                            std::to_string(cpus) + ", the others need at least one)",
                        "use quiet pause");
        }
        const auto split = all.end() - static_cast<std::ptrdiff_t>(cpus);
        placement_.place(measuring.guest->uuid(), {split, all.end()});
        measuring.cpus_of_others.assign(all.begin(), split);
    }
    measuring_ = std::move(measuring);
}

std::unique_ptr<QuietHost::Work> QuietHost::begin_work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return !measuring_ && waiting_ == 0; });
    throw_if_stopped(stop);
    ++working_;
    return std::make_unique<Work>(*this);
}

void QuietHost::end_work() {
    const std::lock_guard lock(mutex_);
    --working_;
    changed_.notify_all();
}

void QuietHost::give_way(Guest& guest) {
    if (&guest == measuring_->guest) {
        return;
    }
    try {
        if (measuring_->quiet == plan::Quiet::pin) {
            placement_.place(guest.uuid(), measuring_->cpus_of_others);
            return;
        }
        // The clock first: whoever sees the instance stand still must know why.
        guest.stop_clock();
        hypervisor_.suspend(guest.uuid());
    } catch (const Error&) {
        guest.start_clock();
        // One that has just ended by itself is as quiet as can be.
        if (hypervisor_.state(guest.uuid()) == ports::MachineState::running) {
            throw;
        }
    }
}

void QuietHost::end_turn() {
    const std::lock_guard lock(mutex_);
    for (auto* guest : guests_) {
        try {
            if (measuring_->quiet == plan::Quiet::pin) {
                placement_.place(guest->uuid(), placement_.cpus());
            } else if (guest->stands_still()) {
                hypervisor_.resume(guest->uuid());
            }
        } catch (...) {
            // It ended meanwhile, or whoever waits for it will see that it stands still.
            logger("engine")->warn("instance not set free uuid={} cause={}", guest->uuid(),
                                   current_error().what());
        }
        guest->start_clock();
    }
    measuring_.reset();
    changed_.notify_all();
}

} // namespace lab::engine
