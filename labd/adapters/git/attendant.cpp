// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/attendant.h"

#include "adapters/git/libgit.h"
#include "base/error.h"
#include "base/units.h"

#include <condition_variable>
#include <ctime>
#include <exception>
#include <map>
#include <mutex>
#include <pthread.h>
#include <thread>

namespace lab::adapters::git {
/// How many threads were left behind in which repository. Thread-safe.
class LeftBehind {
public:
    /// Threads that may hang in one repository; more are not begun.
    static constexpr unsigned most = 4;

    bool too_many(const std::string& repository) {
        const std::lock_guard lock(mutex_);
        const auto found = counts_.find(repository);
        return found != counts_.end() && found->second >= most;
    }

    void leave(const std::string& repository) {
        const std::lock_guard lock(mutex_);
        ++counts_[repository];
    }

    void came_back(const std::string& repository) {
        const std::lock_guard lock(mutex_);
        if (--counts_[repository] == 0) {
            counts_.erase(repository);
        }
    }

private:
    std::mutex mutex_;
    std::map<std::string, unsigned> counts_;
};

namespace {

/// Looks at the work within one patience.
constexpr int looks = 20;

/// What is given to work that was asked to stop.
constexpr Duration grace = std::chrono::milliseconds(1500);

constexpr const char* what_hangs =
    "a file system that does not answer, or a FIFO where a file should be (in the repository, or "
    "named by git's configuration): find DIR -type p shows those below a directory";

/// Whether a thread has run since it was last asked.
class Progress {
public:
    explicit Progress(std::thread& thread) {
        known_ = ::pthread_getcpuclockid(thread.native_handle(), &clock_) == 0;
    }

    bool made() {
        timespec now{};
        if (!known_ || ::clock_gettime(clock_, &now) != 0) {
            return true;
        }
        const bool same = now.tv_sec == last_.tv_sec && now.tv_nsec == last_.tv_nsec;
        last_ = now;
        return !same;
    }

private:
    clockid_t clock_ = 0;
    bool known_ = false;
    timespec last_{};
};

/// Shared by who waits and who works, of whom either may be the last to go.
struct Visit {
    std::string repository;
    std::shared_ptr<LeftBehind> behind;
    std::mutex mutex; ///< of what follows
    std::condition_variable_any changed;
    bool done = false;
    bool left = false;
    std::exception_ptr failure;

    void leave() {
        left = true;
        behind->leave(repository);
    }

    void end(const std::exception_ptr& how) {
        const std::lock_guard lock(mutex);
        failure = how;
        done = true;
        changed.notify_all();
        if (left) {
            behind->came_back(repository);
        }
    }
};

enum class End { done, stopped, hangs };

End wait_for(Visit& visit, std::thread& thread, const std::stop_token& stop, Duration patience) {
    const auto done = [&] {
        return visit.done;
    };
    Progress progress(thread);
    std::unique_lock lock(visit.mutex);
    // Looks are counted rather than time: time also passes while this process is suspended.
    for (int idle = 0; idle < looks; idle = progress.made() ? 0 : idle + 1) {
        if (visit.changed.wait_for(lock, stop, patience / looks, done)) {
            return End::done;
        }
        if (stop.stop_requested()) {
            if (visit.changed.wait_for(lock, grace, done)) {
                return End::done;
            }
            visit.leave();
            return End::stopped;
        }
    }
    visit.leave();
    return End::hangs;
}

} // namespace

Attendant::Attendant(Duration patience)
    : patience_(patience), behind_(std::make_shared<LeftBehind>()) {}

void Attendant::attend(const std::string& repository, const std::stop_token& stop,
                       std::function<void()> work) const {
    throw_if_stopped(stop);
    if (behind_->too_many(repository)) {
        throw Error(ErrorCode::infra, repository + ": earlier requests still hang in it",
                    what_hangs);
    }
    const auto visit = std::make_shared<Visit>();
    visit->repository = repository;
    visit->behind = behind_;
    std::thread thread([visit, work = std::move(work)]() mutable {
        const Library library; // for as long as a thread that was left behind needs it
        std::exception_ptr failure;
        try {
            work();
        } catch (...) {
            failure = std::current_exception();
        }
        work = nullptr; // what it holds goes before anyone is told
        visit->end(failure);
    });
    const auto end = wait_for(*visit, thread, stop, patience_);
    if (end == End::done) {
        thread.join();
    } else {
        thread.detach();
    }
    if (end == End::stopped || (visit->failure && stop.stop_requested())) {
        throw Cancelled{};
    }
    if (end == End::hangs) {
        throw Error(ErrorCode::infra,
                    repository + ": reading it does not go on (nothing happened for " +
                        format_duration(patience_) + ")",
                    what_hangs);
    }
    if (visit->failure) {
        std::rethrow_exception(visit->failure);
    }
}

} // namespace lab::adapters::git
