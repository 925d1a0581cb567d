// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "plan/model.h"
#include "ports/cpu_placement.h"
#include "ports/hypervisor.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace lab::engine {

/// Lets one instance measure while the others of the host stand still or keep away from its CPUs.
/// One at a time: two that want quiet take turns. Outlives its guests. Thread-safe.
class QuietHost {
public:
    QuietHost(ports::Hypervisor& hypervisor, ports::CpuPlacement& placement)
        : hypervisor_(hypervisor), placement_(placement) {}

    /// A running instance: it may measure, and may have to give way. Leaves with the object.
    class Guest {
    public:
        Guest(QuietHost& host, std::string uuid) : host_(host), uuid_(std::move(uuid)) {}
        Guest(const Guest&) = delete;
        Guest& operator=(const Guest&) = delete;
        ~Guest() { host_.leave(*this); }

        /// The monotonic clock without the time that the instance stood still or waited for a CPU
        /// of the host: what its deadlines go by, so that a busy host is no fault of a guest.
        [[nodiscard]] Instant now() const;

        [[nodiscard]] bool stands_still() const;

        [[nodiscard]] const std::string& uuid() const { return uuid_; }

    private:
        friend class QuietHost;
        void stop_clock();
        void start_clock();

        QuietHost& host_;
        const std::string uuid_;
        mutable std::mutex mutex_;
        Instant::duration lost_{};
        std::optional<Instant> since_; ///< while it stands still
        mutable Duration waited_{};
        mutable Instant last_ = Instant::min();
    };

    /// Adds an instance that runs; it gives way at once when another one is measuring.
    /// @throws Error infra
    [[nodiscard]] std::shared_ptr<Guest> enter(const std::string& uuid);

    /// The same for one that an earlier process may have left suspended or kept away from CPUs.
    [[nodiscard]] std::shared_ptr<Guest> adopt(const std::string& uuid);

    /// While it lives, the others give way.
    class Turn {
    public:
        explicit Turn(QuietHost& host) : host_(host) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() { host_.end_turn(); }

    private:
        QuietHost& host_;
    };

    /// Waits until no other instance measures in quiet. Of Quiet::none it is null and no wait.
    /// @throws Cancelled
    /// @throws Error bad_input  Quiet::pin, and the host has too few CPUs.
    /// @throws Error infra
    [[nodiscard]] std::unique_ptr<Turn> begin(Guest& guest, unsigned cpus, plan::Quiet quiet,
                                              const std::stop_token& stop);

    /// Work of labd's own on this host: it cannot stand still, so nobody measures in quiet while it
    /// lives.
    class Work {
    public:
        explicit Work(QuietHost& host) : host_(host) {}
        Work(const Work&) = delete;
        Work& operator=(const Work&) = delete;
        ~Work() { host_.end_work(); }

    private:
        QuietHost& host_;
    };

    /// Waits until nobody measures in quiet, or waits for that.
    /// @throws Cancelled
    [[nodiscard]] std::unique_ptr<Work> begin_work(const std::stop_token& stop);

private:
    struct Measuring {
        Guest* guest = nullptr;
        plan::Quiet quiet = plan::Quiet::none;
        std::vector<unsigned> cpus_of_others = {};
    };

    void take_turn(Measuring measuring, unsigned cpus, const std::stop_token& stop);
    void give_way(Guest& guest);
    void end_turn();
    void end_work();
    void leave(Guest& guest);

    ports::Hypervisor& hypervisor_;
    ports::CpuPlacement& placement_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::set<Guest*> guests_;
    std::optional<Measuring> measuring_;
    unsigned waiting_ = 0; ///< to measure
    unsigned working_ = 0;
};

} // namespace lab::engine
