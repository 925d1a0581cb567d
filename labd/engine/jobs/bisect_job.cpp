// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/host.h"
#include "base/units.h"
#include "engine/jobs/bisect_state.h"
#include "engine/jobs/bisect_task.h"
#include "engine/jobs/job_run.h"
#include "engine/jobs/local_task.h"
#include "engine/jobs/pruning.h"
#include "engine/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

namespace lab::engine {
namespace {

/// Between two results of quick tests: each is written whole.
constexpr Duration publish_pause = std::chrono::milliseconds(500);

/// What everything is measured on.
nlohmann::json machine_of(const JobRun& run, const plan::BisectSpec& spec) {
    const auto budget = run.shop.budget.total();
    nlohmann::json machine{
        {"host", host_name()},
        {"system", host_system()},
        {"processor", host_processor()},
        {"budget", std::to_string(budget.cpus) + " CPUs, " + format_bytes(budget.memory)}};
    if (!spec.local) {
        const auto guests = run.shop.deps.hypervisor.describe();
        machine["accelerator"] = guests.accelerator;
        machine["accelerator_reason"] = guests.reason;
        machine["hypervisor"] = guests.version;
    }
    return machine;
}

/// Runs the tasks that the bisection wants, several at once, and feeds it what they find.
class BisectRun {
public:
    using Perform = std::function<CostedObservation(const JobRun&, const core::Task&)>;

    BisectRun(const JobRun& run, const BisectQuestion& question, BisectState state, Perform perform)
        : run_(run), spec_(question.spec), state_(std::move(state)), perform_(std::move(perform)),
          pruning_(*question.repo, state_.range(), core::CommitId(spec_.good),
                   core::CommitId(spec_.bad)) {}

    BisectRun(const BisectRun&) = delete;
    BisectRun& operator=(const BisectRun&) = delete;

    ~BisectRun() { stop_all(); }

    JobEnd execute() {
        announce();
        machine_ = machine_of(run_, spec_);
        publish();
        run_.job.tell(notify::Moment::began);
        while (!state_.bisection().conclusion()) {
            schedule();
            take(wait_for_one());
        }
        stop_all(); // what is no longer wanted
        return conclude();
    }

private:
    using TaskKey = std::tuple<core::CommitId, core::TaskKind, unsigned>;

    /// One task in its thread; ends, stopped if need be, with the object.
    struct Active {
        core::Task task;
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

    void publish() {
        run_.job.publish(result());
        published_ = std::chrono::steady_clock::now();
        news_to_publish_ = false;
    }

    /// What is known so far, and of what machine that holds.
    [[nodiscard]] nlohmann::json result() const {
        auto report = state_.report();
        report["machine"] = machine_;
        report["latest"] = latest_;
        return report;
    }

    /// Two runs at once would make each other's noise: values are measured one at a time.
    [[nodiscard]] std::size_t most_tasks() const {
        if (state_.measures_alone()) {
            return 1;
        }
        if (spec_.jobs > 0) {
            return spec_.jobs;
        }
        if (spec_.local) {
            return 1;
        }
        // One more than there are CPUs: a build ahead of time takes what the others leave.
        const auto cpus = run_.shop.budget.total().cpus;
        return spec_.strategy == core::Strategy::git ? cpus + 1 : cpus;
    }

    void schedule() {
        core::Capacity capacity{most_tasks(), {}, state_.costs()};
        for (const auto& [key, active] : active_) {
            capacity.under_way.push_back(active->task);
        }
        auto tasks = state_.bisection().next(capacity);
        drop_lookahead_without_room(tasks);
        std::set<core::CommitId> wanted;
        for (const auto& task : tasks) {
            wanted.insert(task.commit);
        }
        // By commit: a build begun ahead of time goes on when its commit becomes the probe.
        stop_those([&](const Active& active) { return !wanted.contains(active.task.commit); });
        for (const auto& task : tasks) {
            if (!active_.contains(key_of(task))) {
                start(task);
            }
        }
    }

    /// Ends tasks, all at the same time: each may need a second to stop.
    void stop_those(const std::function<bool(const Active&)>& chosen) {
        for (const auto& [key, active] : active_) {
            if (chosen(*active)) {
                active->stop.request_stop();
            }
        }
        std::erase_if(active_, [&](const auto& entry) { return chosen(*entry.second); });
    }

    void stop_all() {
        stop_those([](const Active&) { return true; });
    }

    static TaskKey key_of(const core::Task& task) { return {task.commit, task.kind, task.first}; }

    /// Builds ahead of time only take what the wanted tasks leave free.
    void drop_lookahead_without_room(std::vector<core::Task>& tasks) const {
        const auto is_lookahead = [](const core::Task& task) {
            return task.kind == core::TaskKind::lookahead;
        };
        const auto ahead = std::count_if(tasks.begin(), tasks.end(), is_lookahead);
        const auto now = tasks.size() - static_cast<std::size_t>(ahead);
        if (spec_.local || now >= run_.shop.budget.total().cpus) {
            std::erase_if(tasks, is_lookahead);
        }
    }

    void start(const core::Task& task) {
        auto active = std::make_unique<Active>();
        active->task = task;
        JobRun own{run_.shop, run_.job, run_.lab, run_.catalog, active->stop.get_token()};
        active->thread = start_thread([this, own, task] {
            Done done{key_of(task), std::nullopt, nullptr};
            try {
                done.found = perform_(own, task);
            } catch (...) {
                done.failure = std::current_exception();
            }
            const std::lock_guard lock(mutex_);
            done_.push_back(std::move(done));
            changed_.notify_all();
        });
        active_.emplace(key_of(task), std::move(active));
    }

    Done wait_for_one() {
        for (;;) {
            std::unique_lock lock(mutex_);
            const auto some_done = [&] {
                return !done_.empty();
            };
            if (news_to_publish_ &&
                !changed_.wait_until(lock, run_.stop, published_ + publish_pause, some_done)) {
                lock.unlock();
                publish();
                lock.lock();
            }
            changed_.wait(lock, run_.stop, some_done);
            if (run_.stop.stop_requested()) {
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
            std::rethrow_exception(done.failure);
        }
        state_.record(*done.found);
        const auto& conclusion = state_.bisection().conclusion();
        // What asks for the end is no observation: resumed, the bisection runs it anew.
        if (!conclusion || conclusion->kind != core::ConclusionKind::aborted) {
            run_.shop.deps.observations.append(run_.job.id(), to_json(*done.found));
        }
        news_to_publish_ = true;
        tell(done.found->observation);
        prune(*done.found);
    }

    /// Drops what cannot matter, once both ends are built.
    void prune(const CostedObservation& found) {
        pruning_.add(found.observation.commit, found.files_read);
        if (!spec_.prune || !state_.dropped().empty() || state_.bisection().conclusion()) {
            return;
        }
        const auto dropped = pruning_.take(run_.stop);
        if (!dropped || dropped->commits.empty()) {
            return;
        }
        CostedObservation said;
        said.observation = {core::CommitId(spec_.bad), core::TaskKind::end_bad, *dropped};
        run_.shop.deps.observations.append(run_.job.id(), to_json(said));
        state_.record(said);
        run_.job.event("progress", std::to_string(dropped->commits.size()) + " of " +
                                       std::to_string(state_.range().size()) +
                                       " commits change only files that the builds of both ends "
                                       "do not read: they are not tried (--no-prune tries them)");
        for (const auto& commit : dropped->commits) {
            run_.job.log().line("bisect", "dropped " + commit.hex() + " " + state_.subject(commit));
        }
    }

    /// Shows the verdict that the last observation led to, and how far it is.
    void tell(const core::Observation& seen) {
        for (const auto& trial : state_.bisection().trials()) {
            auto& shown = shown_[{trial.commit, trial.kind}];
            const bool last = trial.commit == seen.commit && trial.kind == seen.kind;
            if (!last || !trial.verdict || shown == trial.verdict) {
                continue;
            }
            shown = trial.verdict;
            run_.job.event(
                "verdict",
                trial.commit.abbreviated() + " is " + core::word_of(*trial.verdict, spec_.terms) +
                    (trial.reason.empty() ? "" : ": " + trial.reason) + "  (" +
                    state_.subject(trial.commit) + ")",
                {{"commit", trial.commit.hex()}, {"verdict", core::to_string(*trial.verdict)}});
            latest_ = {{"commit", trial.commit.hex()},
                       {"subject", state_.subject(trial.commit)},
                       {"kind", core::to_string(trial.kind)},
                       {"verdict", core::to_string(*trial.verdict)}};
            publish();
            run_.job.tell(notify::Moment::verdict);
        }
        const auto progress = state_.bisection().progress();
        if (progress && progress->text != shown_progress_) {
            shown_progress_ = progress->text;
            run_.job.event("progress", progress->text);
        }
    }

    JobEnd conclude() {
        const auto& conclusion = *state_.bisection().conclusion();
        JobEnd end;
        end.result = result();
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
            end.hint = "lab bisect resume " + run_.job.id() +
                       " runs it anew, lab bisect skip COMMIT --job " + run_.job.id() +
                       " leaves a commit out";
            break;
        }
        return end;
    }

    const JobRun& run_;
    const plan::BisectSpec& spec_;
    BisectState state_;
    Perform perform_;
    Pruning pruning_;
    std::map<std::pair<core::CommitId, core::TaskKind>, std::optional<core::Verdict>> shown_;
    std::string shown_progress_;
    std::chrono::steady_clock::time_point published_;
    bool news_to_publish_ = false;
    nlohmann::json machine_;
    nlohmann::json latest_ = nlohmann::json::object(); ///< verdict
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<Done> done_;
    std::map<TaskKey, std::unique_ptr<Active>> active_; // last: its threads use the members above
};

/// Commits whose builds this build VM has published already.
std::vector<core::CommitId> built_commits(const Workshop& shop, const std::string& vm) {
    std::vector<core::CommitId> commits;
    for (const auto& image : shop.deps.images.list(ports::ImageKind::build)) {
        const auto& labels = image->labels;
        if (labels.contains("vm") && labels.at("vm") == vm && labels.contains("commit")) {
            commits.emplace_back(labels.at("commit"));
        }
    }
    return commits;
}

JobEnd bisect_locally(const JobRun& run, const BisectQuestion& question, BisectState state) {
    CheckoutPool pool(question.repo, checkouts_directory(run.shop.deps.state_dir) / run.job.id());
    const auto& check = *question.spec.local;
    return BisectRun(run, question, std::move(state),
                     [&](const JobRun& own, const core::Task& task) {
                         return perform_locally(own, check, pool, task);
                     })
        .execute();
}

} // namespace

JobEnd run_job(const JobRun& run, const plan::BisectSpec& spec) {
    auto question = make_question(spec, run.lab, run.catalog, run.shop.deps.repos);
    question.stop = run.stop;
    const auto stored = run.shop.deps.observations.observations(run.job.id());
    BisectState state(question, stored);
    if (spec.local) {
        return bisect_locally(run, question, std::move(state));
    }
    state.builds_are_there(built_commits(run.shop, spec.vm));
    Twins twins;
    for (const auto& text : stored) {
        const auto seen = observation_from(text).observation;
        static_cast<void>(twins.note(seen.artefact, seen.commit));
    }
    SutSeat seat(spec.on);
    auto end =
        BisectRun(run, question, std::move(state), [&](const JobRun& own, const core::Task& task) {
            return perform(own, spec, task, twins, seat);
        }).execute();
    seat.restore(run.stop);
    return end;
}

} // namespace lab::engine
