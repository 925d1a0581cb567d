// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "engine/jobs/bisect_state.h"
#include "engine/jobs/bisect_task.h"
#include "engine/jobs/job_run.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace lab::engine {
namespace {

/// Runs the tasks that the bisection wants, several at once, and feeds it what they find.
class BisectRun {
public:
    BisectRun(const JobRun& run, const plan::BisectSpec& spec, BisectState state)
        : run_(run), spec_(spec), state_(std::move(state)) {}

    JobEnd execute() {
        announce();
        while (!state_.bisection().conclusion()) {
            run_.job.publish(state_.report());
            schedule();
            take(wait_for_one());
        }
        active_.clear(); // stops and joins what is no longer wanted
        return conclude();
    }

private:
    using TaskKey = std::pair<core::CommitId, core::TaskKind>;

    /// One task in its thread; ends, stopped if need be, with the object.
    struct Active {
        std::stop_source stop;
        std::jthread thread;

        Active() = default;
        Active(const Active&) = delete;
        Active& operator=(const Active&) = delete;
        ~Active() { stop.request_stop(); }
    };

    struct Done {
        TaskKey key;
        std::optional<CostedObservation> found;
        std::exception_ptr failure; ///< set when nothing was found
    };

    void announce() {
        const bool fresh = run_.shop.deps.observations.observations(run_.job.id()).empty();
        run_.job.phase("bisect " + spec_.good.substr(0, 12) + ".." + spec_.bad.substr(0, 12) +
                       (fresh ? ": checking both ends" : ": going on where it stopped"));
    }

    [[nodiscard]] std::size_t most_tasks() const {
        return spec_.jobs > 0 ? spec_.jobs : run_.shop.budget.total().cpus + 1;
    }

    void schedule() {
        auto tasks = state_.bisection().next(most_tasks());
        drop_lookahead_without_room(tasks);
        std::set<core::CommitId> wanted;
        for (const auto& task : tasks) {
            wanted.insert(task.commit);
        }
        // By commit: a build begun ahead of time goes on when its commit becomes the probe.
        std::erase_if(active_,
                      [&](const auto& entry) { return !wanted.contains(entry.first.first); });
        for (const auto& task : tasks) {
            const TaskKey key{task.commit, task.kind};
            if (!active_.contains(key)) {
                start(key, {task, state_.samples_taken(task)});
            }
        }
    }

    /// Builds ahead of time only take what the wanted tasks leave free.
    void drop_lookahead_without_room(std::vector<core::Task>& tasks) const {
        const auto is_lookahead = [](const core::Task& task) {
            return task.kind == core::TaskKind::lookahead;
        };
        const auto ahead = std::count_if(tasks.begin(), tasks.end(), is_lookahead);
        const auto now = tasks.size() - static_cast<std::size_t>(ahead);
        if (now >= run_.shop.budget.total().cpus) {
            std::erase_if(tasks, is_lookahead);
        }
    }

    void start(const TaskKey& key, const BisectTask& task) {
        auto active = std::make_unique<Active>();
        JobRun own{run_.shop, run_.job, run_.lab, run_.catalog, active->stop.get_token()};
        active->thread = std::jthread([this, own, key, task] {
            Done done{key, std::nullopt, nullptr};
            try {
                done.found = perform(own, spec_, task);
            } catch (...) {
                done.failure = std::current_exception();
            }
            const std::lock_guard lock(mutex_);
            done_.push_back(std::move(done));
            changed_.notify_all();
        });
        active_.emplace(key, std::move(active));
    }

    Done wait_for_one() {
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, run_.stop, [&] { return !done_.empty(); });
            if (run_.stop.stop_requested()) {
                lock.unlock();
                active_.clear();
                throw Cancelled{};
            }
            auto done = std::move(done_.front());
            done_.erase(done_.begin());
            lock.unlock();
            // A task that was stopped because it is not wanted any more has left active_ already.
            if (active_.erase(done.key) > 0) {
                return done;
            }
        }
    }

    void take(const Done& done) {
        if (done.failure) {
            active_.clear();
            std::rethrow_exception(done.failure);
        }
        run_.shop.deps.observations.append(run_.job.id(), to_json(*done.found));
        state_.record(*done.found);
        tell(done.key);
    }

    /// Shows the verdict that the last observation led to, and how far it is.
    void tell(const TaskKey& key) {
        for (const auto& trial : state_.bisection().trials()) {
            if (trial.commit != key.first || trial.kind != key.second || !trial.verdict) {
                continue;
            }
            run_.job.event(
                "verdict",
                trial.commit.abbreviated() + " is " + core::to_string(*trial.verdict) +
                    (trial.reason.empty() ? "" : ": " + trial.reason) + "  (" +
                    state_.subject(trial.commit) + ")",
                {{"commit", trial.commit.hex()}, {"verdict", core::to_string(*trial.verdict)}});
        }
        const auto progress = state_.bisection().progress();
        if (progress && progress->revisions_left != shown_left_) {
            shown_left_ = progress->revisions_left;
            run_.job.event("progress", "Bisecting: " + std::to_string(progress->revisions_left) +
                                           " revisions left to test after this (roughly " +
                                           std::to_string(progress->steps) + " steps)");
        }
    }

    JobEnd conclude() {
        const auto& conclusion = *state_.bisection().conclusion();
        JobEnd end;
        end.result = state_.report();
        switch (conclusion.kind) {
        case core::ConclusionKind::found:
            break;
        case core::ConclusionKind::found_with_skips:
        case core::ConclusionKind::several_culprits:
        case core::ConclusionKind::no_culprit:
        case core::ConclusionKind::inconclusive:
            end.exit_code = 7;
            break;
        case core::ConclusionKind::aborted:
            end.exit_code = 1;
            end.error = conclusion.text;
            break;
        }
        return end;
    }

    const JobRun& run_;
    const plan::BisectSpec& spec_;
    BisectState state_;
    std::optional<std::size_t> shown_left_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<Done> done_;
    std::map<TaskKey, std::unique_ptr<Active>> active_; // last: its threads use the members above
};

} // namespace

JobEnd run_job(const JobRun& run, const plan::BisectSpec& spec) {
    BisectQuestion question;
    question.spec = spec;
    question.repo =
        run.shop.deps.repos.open(run.lab.config.sources.at(run.lab.build_vm(spec.vm).source).path);
    if (!spec.check.benchmark.empty()) {
        question.benchmark = run.catalog.benchmark(spec.check.benchmark);
    }
    BisectState state(std::move(question), run.shop.deps.observations.observations(run.job.id()));
    return BisectRun(run, spec, std::move(state)).execute();
}

} // namespace lab::engine
