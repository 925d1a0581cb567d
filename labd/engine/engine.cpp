// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/jobs/bisect_log.h"
#include "engine/jobs/checkout_pool.h"
#include "engine/jobs/job_run.h"
#include "engine/parallel.h"
#include "engine/resolve.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

namespace lab::engine {
namespace {

constexpr int cancelled_code = 130;
constexpr unsigned crashes_that_end_a_job = 2;

JobState state_from(const std::string& word) {
    for (const auto state : {JobState::queued, JobState::running, JobState::done, JobState::failed,
                             JobState::cancelled}) {
        if (word == to_string(state)) {
            return state;
        }
    }
    return JobState::interrupted;
}

JobSummary summary_of(const ports::JobRow& row) {
    JobSummary summary;
    summary.id = row.id;
    summary.kind = row.kind;
    summary.title = row.title;
    summary.state = state_from(row.state);
    summary.exit_code = row.exit_code;
    summary.error = row.error;
    summary.hint = row.hint;
    summary.created = row.created;
    summary.started = row.started;
    summary.ended = row.ended;
    return summary;
}

void end_row(ports::JobRow& row, JobState state, int exit_code, const std::string& error,
             const std::string& hint) {
    row.state = to_string(state);
    row.exit_code = exit_code;
    row.error = escape_for_terminal(error);
    row.hint = hint;
    row.ended = std::chrono::system_clock::now();
}

} // namespace

const char* to_string(JobState state) noexcept {
    switch (state) {
    case JobState::queued:
        return "queued";
    case JobState::running:
        return "running";
    case JobState::done:
        return "done";
    case JobState::failed:
        return "failed";
    case JobState::cancelled:
        return "cancelled";
    case JobState::interrupted:
        break;
    }
    return "interrupted";
}

Engine::Engine(const Dependencies& deps, News& news)
    : deps_(deps), news_(news), budget_(detect_budget()), quiet_(deps.hypervisor, deps.placement),
      users_(deps, budget_, quiet_),
      flattener_(deps.images), shop_{deps_, budget_, quiet_, locks_, users_, flattener_} {
    make_directory(deps_.state_dir / "jobs");
    make_directory(deps_.state_dir / "i");
}

Engine::~Engine() {
    std::map<std::string, std::shared_ptr<Running>> running;
    {
        const std::lock_guard lock(mutex_);
        running.swap(running_);
    }
    for (const auto& [id, job] : running) {
        job->stop.request_stop();
    }
    for (const auto& [id, job] : running) {
        if (job->thread.joinable()) {
            job->thread.join();
        }
    }
}

void Engine::start(EarlierEnd end) {
    users_.recover();
    remove_left_checkouts(checkouts_directory(deps_.state_dir));
    auto rows = deps_.jobs.jobs({});
    std::reverse(rows.begin(), rows.end());
    news_.start(rows);
    for (auto& row : rows) {
        if (is_final(state_from(row.state)) || (end == EarlierEnd::crash && !survives_crash(row))) {
            continue;
        }
        logger("engine")->info("continuing job={} kind={}", row.id, row.kind);
        launch(row);
    }
}

bool Engine::survives_crash(ports::JobRow& row) {
    if (state_from(row.state) != JobState::running) {
        return true;
    }
    row.crashes += 1;
    if (row.crashes < crashes_that_end_a_job) {
        return true;
    }
    logger("engine")->error("job ended, labd crashed while it ran job={} crashes={}", row.id,
                            row.crashes);
    const bool can_resume = row.kind == "bisect" || row.kind == "plan";
    end_row(row, JobState::failed, exit_code(ErrorCode::infra),
            "labd crashed " + std::to_string(row.crashes) +
                " times while this job ran; it is not started again",
            "Please report it with the end of labd's log" +
                (can_resume ? "; to try again: lab " + row.kind + " resume " + row.id : "."));
    deps_.jobs.put_job(row);
    news_.tell_soon({row.id, notify::Moment::ended, {}});
    return false;
}

Submitted Engine::submit(const Submission& submission) {
    const auto& [spec, config, idempotency_key, intent] = submission;
    if (!idempotency_key.empty()) {
        const auto same = deps_.jobs.jobs({{}, idempotency_key, 1});
        if (!same.empty()) {
            return {same.front().id, same.front().title, same.front().spec_json};
        }
    }
    const auto lab = load_lab(config.path, config.text, deps_.template_dirs);
    check_hypervisor(lab.config.hypervisor);
    const auto budget = total_of(lab.config.budget);
    const auto catalog = catalog_for(lab.config, deps_.template_dirs);
    const auto resolved =
        resolve(spec, {lab, catalog, deps_.repos, deps_.result_stores, deps_.suts, budget});
    ports::JobRow row;
    row.kind = plan::kind_of(spec);
    row.title = title_of(spec);
    row.spec_json = plan::to_json(resolved);
    if (intent == Intent::preview) {
        return {{}, row.title, row.spec_json};
    }
    budget_.set_total(budget);
    row.id = new_ulid();
    row.config_path = config.path;
    row.config_text = config.text;
    row.idempotency_key = idempotency_key;
    row.state = to_string(JobState::queued);
    row.created = std::chrono::system_clock::now();
    launch(row);
    return {row.id, row.title, row.spec_json};
}

void Engine::check_hypervisor(const std::string& wanted) const {
    if (wanted.empty() || wanted == deps_.hypervisor_uri) {
        return;
    }
    throw Error(ErrorCode::conflict,
                "hypervisor: lab.yaml asks for " + wanted + ", labd runs on " +
                    (deps_.hypervisor_uri.empty() ? "the embedded one" : deps_.hypervisor_uri),
                "lab daemon stop, then set LAB_HYPERVISOR=" + wanted +
                    " in the environment that starts it");
}

Budget::Amount Engine::total_of(const plan::Budget& budget) {
    auto total = detect_budget();
    total.cpus = budget.cpus.value_or(total.cpus);
    total.memory = budget.memory.value_or(total.memory);
    return total;
}

void Engine::launch(ports::JobRow row) {
    auto running = std::make_shared<Running>();
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [](const auto& entry) { return entry.second->finished.load(); });
    deps_.jobs.put_job(row);
    try {
        running->thread = start_thread([this, row, own = running.get()] { run(row, *own); });
        running_[row.id] = running;
    } catch (const Error& error) {
        end_row(row, JobState::failed, exit_code(error.code()), error.what(), error.hint());
        deps_.jobs.put_job(row);
    }
}

void Engine::run(const ports::JobRow& row, Running& running) {
    try {
        JobContext job(deps_.jobs, row, log_file(row.id),
                       {[this] { notify(); },
                        [this, id = row.id](notify::Moment moment, const std::string& detail) {
                            news_.tell_soon({id, moment, detail});
                        }});
        finish(job, row, running);
        news_.tell_soon({row.id, notify::Moment::ended});
    } catch (...) {
        // The database or the log is gone; the row stays "running" and the next start goes on.
        logger("engine")->error("job lost its storage job={} cause={}", row.id,
                                current_error().what());
    }
    notify();
    running.finished = true; // the last thing: whoever sees it joins the thread
}

void Engine::finish(JobContext& job, const ports::JobRow& row, Running& running) {
    job.update([](ports::JobRow& stored) {
        stored.state = to_string(JobState::running);
        stored.started = stored.started ? stored.started : std::chrono::system_clock::now();
    });
    if (row.kind != plan::to_string(plan::NotifyKind::bisect)) { // which first looks how much it is
        news_.tell_soon({row.id, notify::Moment::began});
    }
    try {
        const auto lab = load_lab(row.config_path, row.config_text, deps_.template_dirs);
        const auto catalog = catalog_for(lab.config, deps_.template_dirs);
        const auto spec = value_or_throw(plan::job_spec_from_json(row.spec_json));
        const JobRun work{shop_, job, lab, catalog, running.stop.get_token()};
        const auto end = std::visit([&](const auto& one) { return run_job(work, one); }, spec);
        job.update([&](ports::JobRow& stored) {
            stored.result_json = json_text(end.result);
            end_row(stored, end.exit_code == 1 ? JobState::failed : JobState::done, end.exit_code,
                    end.error, end.hint);
        });
    } catch (const Cancelled&) {
        if (running.cancelled) {
            job.update([](ports::JobRow& stored) {
                end_row(stored, JobState::cancelled, cancelled_code, "cancelled", "");
            });
        }
    } catch (...) {
        const auto error = current_error();
        const auto hint = error.hint().empty() && row.kind == "bisect"
                              ? "what was measured is kept: lab bisect resume " + row.id
                              : error.hint();
        job.update([&](ports::JobRow& stored) {
            end_row(stored, JobState::failed, exit_code(error.code()), error.what(), hint);
        });
    }
}

void Engine::notify() {
    {
        const std::lock_guard lock(mutex_);
        ++change_;
    }
    changed_.notify_all();
}

std::vector<JobSummary> Engine::jobs() {
    std::vector<JobSummary> summaries;
    for (const auto& row : deps_.jobs.jobs({})) {
        summaries.push_back(summary_of(row));
    }
    return summaries;
}

ports::JobRow Engine::find_row(const std::string& id) {
    const bool newest = id == "@last";
    const auto found = id.empty() ? std::vector<ports::JobRow>()
                                  : deps_.jobs.jobs({newest ? "" : id, {}, newest ? 1U : 100U});
    if (found.empty()) {
        throw Error(ErrorCode::not_found, cap(escape_for_terminal(id), 40) + ": no such job",
                    "lab job list");
    }
    if (found.size() > 1) {
        throw Error(ErrorCode::bad_input,
                    id + ": is ambiguous (" + std::to_string(found.size()) + " jobs begin with it)",
                    "give more characters of the id");
    }
    return found.front();
}

JobDetail Engine::job(const std::string& id) {
    const auto row = find_row(id);
    JobDetail detail;
    detail.summary = summary_of(row);
    detail.spec_json = row.spec_json;
    detail.result_json = row.result_json;
    for (const auto& step : deps_.jobs.steps(row.id)) {
        detail.steps.push_back(
            {step.key, step.state, step.attempts, step.started, step.ended, step.summary});
    }
    return detail;
}

EventPage Engine::events(const std::string& id, std::uint64_t after, Duration wait) {
    const auto job_id = find_row(id).id;
    const auto deadline = Deadline::in(wait);
    for (;;) {
        std::uint64_t seen = 0;
        {
            const std::lock_guard lock(mutex_);
            seen = change_;
        }
        EventPage page;
        // The state first: events before a final state are then all in this page or a later one.
        page.state = state_from(find_row(job_id).state);
        for (const auto& row : deps_.jobs.events(job_id, after, 500)) {
            page.events.push_back({row.sequence, row.time, row.kind, row.data_json});
        }
        if (!page.events.empty() || is_final(page.state) || deadline.passed()) {
            return page;
        }
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, deadline.end(), [&] { return change_ != seen; });
    }
}

LogChunk Engine::log(const std::string& id, std::uint64_t offset, std::size_t limit) {
    const auto row = find_row(id);
    LogChunk chunk;
    chunk.final = is_final(state_from(row.state));
    chunk.next_offset = offset;
    const FileDescriptor file(::open(log_file(row.id).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return chunk;
    }
    chunk.bytes.resize(limit);
    const auto count = ::pread(file.get(), chunk.bytes.data(), limit, static_cast<off_t>(offset));
    chunk.bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    chunk.next_offset = offset + chunk.bytes.size();
    chunk.final = chunk.final && chunk.bytes.size() < limit;
    return chunk;
}

bool Engine::cancel(const std::string& id) {
    const std::lock_guard lock(mutex_);
    auto row = find_row(id);
    if (is_final(state_from(row.state))) {
        return false;
    }
    const auto found = running_.find(row.id);
    if (found == running_.end() || found->second->finished) { // not begun, or it lost its storage
        end_row(row, JobState::cancelled, cancelled_code, "cancelled", "");
        deps_.jobs.put_job(row);
        news_.tell_soon({row.id, notify::Moment::ended, {}});
        return true;
    }
    found->second->cancelled = true;
    found->second->stop.request_stop();
    return true;
}

void Engine::interrupt(const std::string& id) {
    std::shared_ptr<Running> job;
    {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(id);
        if (found == running_.end()) {
            return;
        }
        job = found->second;
    }
    job->stop.request_stop();
    if (job->thread.joinable()) {
        job->thread.join();
    }
}

ports::JobRow Engine::row_to_resume(const std::string& id, const std::vector<std::string>& skip) {
    auto row = find_row(id);
    const bool is_plan = row.kind == "plan" && skip.empty();
    if (row.kind != "bisect" && !is_plan) {
        throw Error(ErrorCode::bad_input, row.id + ": is no bisection" +
                                              (skip.empty() ? " and no plan (" : " (") + row.kind +
                                              ")");
    }
    if (!is_final(state_from(row.state)) && skip.empty()) {
        throw Error(ErrorCode::conflict, row.id + ": is running", "lab job wait " + row.id);
    }
    if (state_from(row.state) == JobState::done) {
        throw Error(ErrorCode::conflict, row.id + ": is finished", "lab job show " + row.id);
    }
    return row;
}

void Engine::resume(const std::string& id, const std::vector<std::string>& skip) {
    // Before the lock: a repository that hangs must not hold up other jobs.
    const auto skipped = skip.empty() ? std::vector<std::string>()
                                      : skipped_commits(deps_, row_to_resume(id, skip), skip);
    const std::lock_guard one_at_a_time(resuming_);
    auto row = row_to_resume(id, skip);
    if (!skip.empty()) {
        interrupt(row.id);
        row = find_row(row.id);
        for (const auto& observation : skipped) {
            deps_.observations.append(row.id, observation);
        }
    }
    if (state_from(row.state) == JobState::done) {
        return; // it came to its end meanwhile
    }
    row.state = to_string(JobState::queued);
    row.exit_code.reset();
    row.error.clear();
    row.hint.clear();
    row.ended.reset();
    row.crashes = 0;
    launch(row);
}

std::string Engine::bisect_log(const std::string& id) {
    const auto row = find_row(id);
    if (row.kind != "bisect") {
        throw Error(ErrorCode::bad_input, row.id + ": is no bisection (" + row.kind + ")");
    }
    return bisect_log_of(deps_, row);
}

std::filesystem::path Engine::log_file(const std::string& id) const {
    return deps_.state_dir / "jobs" / (id + ".log");
}

} // namespace lab::engine
