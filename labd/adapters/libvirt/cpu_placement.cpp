// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/cpu_placement.h"

#include "adapters/libvirt/qemu_process.h"
#include "base/error.h"
#include "base/process_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <sched.h>
#include <set>
#include <thread>
#include <unistd.h>

namespace lab::adapters {
namespace {

/// New threads inherit the place of the one that starts them, so few rounds find them all.
constexpr int most_rounds = 20;

/// A guest's clock is read many times a second, and a look reads a file for each of its threads.
constexpr auto look_interval = std::chrono::milliseconds(200);

/// Who is not asked after for so long is gone.
constexpr auto longest_unasked = std::chrono::minutes(10);

class AffinityPlacement : public ports::CpuPlacement {
public:
    std::vector<unsigned> cpus() override {
        cpu_set_t set;
        CPU_ZERO(&set);
        if (::sched_getaffinity(0, sizeof set, &set) != 0) {
            throw failed("this process", "ask the CPUs of");
        }
        std::vector<unsigned> numbers;
        for (unsigned number = 0; number < CPU_SETSIZE; ++number) {
            if (CPU_ISSET(number, &set)) {
                numbers.push_back(number);
            }
        }
        return numbers;
    }

    void place(const std::string& uuid, const std::vector<unsigned>& cpus) override {
        cpu_set_t set;
        CPU_ZERO(&set);
        for (const auto number : cpus) {
            CPU_SET(number, &set);
        }
        const auto process = find_qemu(uuid);
        if (!process) {
            throw Error(ErrorCode::infra, uuid + ": no process of this host runs it");
        }
        std::set<pid_t> placed;
        for (int round = 0; round < most_rounds; ++round) {
            const auto threads = threads_of(*process);
            const auto before = placed.size();
            for (const auto thread : threads) {
                if (placed.insert(thread).second) {
                    place_thread(uuid, thread, set);
                }
            }
            if (placed.size() == before) {
                return;
            }
        }
    }

    Duration waited(const std::string& uuid) noexcept override {
        try {
            const std::lock_guard lock(mutex_);
            const auto now = std::chrono::steady_clock::now();
            std::erase_if(guests_, [&](const auto& entry) {
                return now - entry.second.next_look > longest_unasked;
            });
            auto& guest = guests_.try_emplace(uuid, Watched{{}, {}, now}).first->second;
            if (now < guest.next_look) {
                return guest.waited;
            }
            if (!guest.process || uuid_of(command_line(*guest.process)) != uuid) {
                guest.process = find_qemu(uuid);
            }
            if (!guest.process) {
                guests_.erase(uuid);
                return Duration::zero();
            }
            guest.waited = look(*guest.process);
            guest.next_look = now + look_interval;
            return guest.waited;
        } catch (const std::exception&) {
            return Duration::zero();
        }
    }

private:
    struct Watched {
        std::optional<pid_t> process = {};
        Duration waited = {};
        std::chrono::steady_clock::time_point next_look = {};
    };

    static Duration look(pid_t process) {
        std::chrono::nanoseconds longest{};
        for (const auto thread : threads_of(process)) {
            longest = std::max(longest, wait_of(process, thread));
        }
        return std::chrono::duration_cast<Duration>(longest) + stolen();
    }

    /// The second number of schedstat (proc(5)); zero when the thread ended.
    static std::chrono::nanoseconds wait_of(pid_t process, pid_t thread) {
        std::ifstream file("/proc/" + std::to_string(process) + "/task/" + std::to_string(thread) +
                           "/schedstat");
        std::int64_t on_cpu = 0;
        std::int64_t waiting = 0;
        file >> on_cpu >> waiting;
        return std::chrono::nanoseconds(file ? waiting : 0);
    }

    /// Time for which the host, being a guest itself, was not let run, by CPU: the eighth number of
    /// /proc/stat (proc(5)). No thread is told.
    static Duration stolen() {
        std::ifstream file("/proc/stat");
        std::string all_cpus;
        std::array<std::int64_t, 8> ticks{};
        file >> all_cpus;
        for (auto& number : ticks) {
            file >> number;
        }
        const auto cpus = std::max(1U, std::thread::hardware_concurrency());
        return std::chrono::milliseconds(file ? ticks.back() * 1000 / ::sysconf(_SC_CLK_TCK) / cpus
                                              : 0);
    }

    static void place_thread(const std::string& uuid, pid_t thread, const cpu_set_t& set) {
        // A thread may end at any time.
        if (::sched_setaffinity(thread, sizeof set, &set) != 0 && errno != ESRCH) {
            throw failed(uuid, "place");
        }
    }

    static Error failed(const std::string& object, const std::string& verb) {
        return {ErrorCode::infra, object + ": cannot " + verb + ": " + std::strerror(errno)};
    }

    std::mutex mutex_;
    std::map<std::string, Watched> guests_; ///< those asked after; see waited
};

} // namespace

std::unique_ptr<ports::CpuPlacement> make_cpu_placement() {
    return std::make_unique<AffinityPlacement>();
}

} // namespace lab::adapters
