// SPDX-License-Identifier: Apache-2.0
#include "engine/budget.h"

#include "base/error.h"

#include <algorithm>
#include <thread>
#include <unistd.h>

namespace lab::engine {

std::unique_ptr<Budget::Lease> Budget::acquire(Amount amount, Priority priority,
                                               const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (amount.cpus > total_.cpus || amount.memory > total_.memory) {
        throw Error(ErrorCode::bad_input,
                    "machine: needs " + std::to_string(amount.cpus) + " CPUs and " +
                        format_bytes(amount.memory) + " (the budget is " +
                        std::to_string(total_.cpus) + " CPUs and " + format_bytes(total_.memory) +
                        ")",
                    "lower cpus or memory of the machine in lab.yaml");
    }
    const auto place = std::pair(priority, next_ticket_++);
    waiting_.insert(place);
    const bool granted =
        changed_.wait(lock, stop, [&] { return is_first(place) && fits(amount, priority); });
    waiting_.erase(place);
    changed_.notify_all();
    if (!granted) {
        throw Cancelled{};
    }
    used_.cpus += amount.cpus;
    used_.memory = used_.memory + amount.memory;
    cpus_ahead_of_time_ += priority == Priority::ahead_of_time ? amount.cpus : 0;
    return std::make_unique<Lease>(*this, amount, priority);
}

std::unique_ptr<Budget::Lease> Budget::adopt(Amount amount) {
    const std::lock_guard lock(mutex_);
    used_.cpus += amount.cpus;
    used_.memory = used_.memory + amount.memory;
    return std::make_unique<Lease>(*this, amount, Priority::wanted);
}

Budget::Amount Budget::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

void Budget::set_total(Amount total) {
    const std::lock_guard lock(mutex_);
    total_ = total;
    changed_.notify_all();
}

void Budget::release(Amount amount, Priority priority) {
    const std::lock_guard lock(mutex_);
    used_.cpus -= amount.cpus;
    used_.memory.count -= amount.memory.count;
    cpus_ahead_of_time_ -= priority == Priority::ahead_of_time ? amount.cpus : 0;
    changed_.notify_all();
}

bool Budget::fits(Amount amount, Priority priority) const {
    if (priority == Priority::ahead_of_time && cpus_ahead_of_time_ + amount.cpus >= total_.cpus) {
        return false;
    }
    return used_.cpus + amount.cpus <= total_.cpus && used_.memory + amount.memory <= total_.memory;
}

bool Budget::is_first(const std::pair<Priority, std::uint64_t>& place) const {
    return *waiting_.begin() == place;
}

Budget::Amount detect_budget() {
    const auto pages = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_PHYS_PAGES)));
    const auto page = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_PAGESIZE)));
    return {std::max(1U, std::thread::hardware_concurrency()), Bytes{pages * page / 4 * 3}};
}

} // namespace lab::engine
