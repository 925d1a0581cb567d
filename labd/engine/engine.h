// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dependencies.h"
#include "engine/flattener.h"
#include "engine/job_context.h"
#include "engine/news.h"
#include "engine/service.h"
#include "engine/user_machines.h"
#include "engine/workshop.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace lab::engine {

/// How the labd before this one ended.
enum class EarlierEnd {
    orderly, ///< or by a signal that somebody sent: the jobs are not to blame
    crash,   ///< by a fault of its own
};

/// Runs jobs, each in a thread of its own, and carries unfinished ones on after a restart.
class Engine final : public JobService {
public:
    /// @param news  is told when jobs begin and end; must outlive the engine.
    Engine(const Dependencies& deps, News& news);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Stops all work; jobs that were running go on when the next engine starts.
    ~Engine() override;

    /// Cleans up after an earlier process and continues its jobs, but not those that were running
    /// when it crashed for the second time: they fail, or labd would crash at every start. Call
    /// once.
    void start(EarlierEnd end = EarlierEnd::orderly);

    Submitted submit(const Submission& submission) override;
    std::vector<JobSummary> jobs() override;
    JobDetail job(const std::string& id) override;
    EventPage events(const std::string& id, std::uint64_t after, Duration wait) override;
    LogChunk log(const std::string& id, std::uint64_t offset, std::size_t limit) override;
    bool cancel(const std::string& id) override;
    void resume(const std::string& id, const std::vector<std::string>& skip) override;
    std::string bisect_log(const std::string& id) override;

    [[nodiscard]] UserMachines& user_machines() { return users_; }

    /// By which jobs hold what others must not touch meanwhile.
    [[nodiscard]] KeyLocks& locks() { return locks_; }

private:
    struct Running {
        std::stop_source stop;
        std::atomic<bool> cancelled = false; ///< by the user, not by the end of the daemon
        std::atomic<bool> finished = false;  ///< the thread only has to be joined
        std::jthread thread;
    };

    /// Ends the job's thread as the end of the daemon would.
    void interrupt(const std::string& id);
    /// Stores the row and starts its thread; a job without one fails.
    void launch(ports::JobRow row);
    /// Counts a crash against a job that ran; whether it may go on.
    [[nodiscard]] bool survives_crash(ports::JobRow& row);
    void run(const ports::JobRow& row, Running& running);
    void finish(JobContext& job, const ports::JobRow& row, Running& running);
    void check_hypervisor(const std::string& wanted) const;
    [[nodiscard]] static Budget::Amount total_of(const plan::Budget& budget);
    [[nodiscard]] ports::JobRow find_row(const std::string& id);
    /// @throws Error bad_input, not_found, conflict  when it cannot be resumed.
    [[nodiscard]] ports::JobRow row_to_resume(const std::string& id,
                                              const std::vector<std::string>& skip);
    [[nodiscard]] std::filesystem::path log_file(const std::string& id) const;
    void notify();

    const Dependencies& deps_;
    News& news_;
    Budget budget_;
    QuietHost quiet_;
    KeyLocks locks_;
    UserMachines users_;
    Flattener flattener_;
    Workshop shop_;
    std::mutex resuming_; ///< one at a time: a job has one thread
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::uint64_t change_ = 0; ///< counts notify() calls, so that no waiter misses one
    std::map<std::string, std::shared_ptr<Running>> running_;
};

} // namespace lab::engine
