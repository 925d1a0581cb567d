// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

namespace lab::engine {

/// Who gets host resources first when not all can: lower values first.
enum class Priority { wanted = 0, ahead_of_time = 1 };

/// CPUs and memory that running instances take together. Thread-safe.
///
/// Requests are served in order of priority, then of arrival; a small request does not overtake a
/// large one of its priority, so a large one cannot starve. What is done ahead of time leaves one
/// CPU to what is wanted now.
class Budget {
public:
    struct Amount {
        unsigned cpus = 1;
        Bytes memory;
    };

    explicit Budget(Amount total) : total_(total) {}

    /// What is given back when the lease goes.
    class Lease {
    public:
        Lease(Budget& budget, Amount amount, Priority priority)
            : budget_(budget), amount_(amount), priority_(priority) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { budget_.release(amount_, priority_); }

    private:
        Budget& budget_;
        Amount amount_;
        Priority priority_;
    };

    /// Waits until `amount` is free.
    /// @throws Error bad_input  when it is more than the whole budget.
    /// @throws Cancelled        when stop was requested.
    [[nodiscard]] std::unique_ptr<Lease> acquire(Amount amount, Priority priority,
                                                 const std::stop_token& stop);

    /// Takes `amount` without asking: for instances an earlier process left running.
    [[nodiscard]] std::unique_ptr<Lease> adopt(Amount amount);

    [[nodiscard]] Amount total() const;

    /// Changes the total for requests that are not granted yet.
    void set_total(Amount total);

private:
    void release(Amount amount, Priority priority);
    [[nodiscard]] bool fits(Amount amount, Priority priority) const;
    [[nodiscard]] bool is_first(const std::pair<Priority, std::uint64_t>& place) const;

    mutable std::mutex mutex_;
    Amount total_;
    std::condition_variable_any changed_;
    Amount used_{0, {}};
    unsigned cpus_ahead_of_time_ = 0; ///< part of used_
    std::uint64_t next_ticket_ = 0;
    std::set<std::pair<Priority, std::uint64_t>> waiting_;
};

/// CPUs of this host and three quarters of its memory.
[[nodiscard]] Budget::Amount detect_budget();

} // namespace lab::engine
