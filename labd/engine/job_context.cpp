// SPDX-License-Identifier: Apache-2.0
#include "engine/job_context.h"

#include "base/lasting_error.h"
#include "base/text.h"
#include "engine/disk_space.h"

#include <algorithm>
#include <array>
#include <limits>

namespace lab::engine {
namespace {

constexpr std::array<Duration, 2> retry_pauses{std::chrono::seconds(1), std::chrono::seconds(5)};

} // namespace

JobContext::JobContext(ports::JobStore& store, ports::JobRow row,
                       const std::filesystem::path& log_file, Listeners listeners)
    : id_(row.id), store_(store), log_(log_file), directory_(log_file.parent_path()),
      listeners_(std::move(listeners)), row_(std::move(row)) {
    stop_leftovers();
}

nlohmann::json JobContext::step(const std::string& key, const std::stop_token& stop,
                                const std::function<StepResult()>& work) {
    const auto known = find_step(key);
    if (known.state == "done") {
        return nlohmann::json::parse(known.result_json);
    }
    for (const auto pause : retry_pauses) {
        try {
            return attempt(key, stop, work);
        } catch (const LastingError&) {
            throw;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::infra && error.code() != ErrorCode::timed_out) {
                throw;
            }
            warn(key + ": " + error.what() + "; trying again");
            sleep_for(pause, stop);
        }
    }
    return attempt(key, stop, work);
}

nlohmann::json JobContext::attempt(const std::string& key, const std::stop_token& stop,
                                   const std::function<StepResult()>& work) {
    throw_if_stopped(stop);
    auto row = find_step(key);
    row.state = "running";
    row.attempts += 1;
    row.started = std::chrono::system_clock::now();
    row.ended.reset();
    put_step(row);
    look_at_space();
    try {
        auto result = work();
        row.result_json = json_text(result.data);
        end_step(row, "done", result.summary);
        return std::move(result.data);
    } catch (const Cancelled&) {
        end_step(row, "stopped", "");
        throw;
    } catch (const Error& error) {
        end_step(row, "failed", error.what());
        throw;
    } catch (...) {
        const auto error = current_error();
        end_step(row, "failed", error.what());
        throw error;
    }
}

void JobContext::end_step(ports::StepRow& row, const char* state, const std::string& summary) {
    row.state = state;
    row.summary = summary;
    row.ended = std::chrono::system_clock::now();
    put_step(row);
}

/// Steps that were under way when an earlier labd died. When that was is not known; the last thing
/// that the job said comes nearest.
void JobContext::stop_leftovers() {
    std::vector<ports::StepRow> left;
    for (auto& step : store_.steps(id_)) {
        if (step.state == "running") {
            left.push_back(step);
        }
        steps_[step.key] = std::move(step);
    }
    if (left.empty()) {
        return;
    }
    const auto events = store_.events(id_, 0, std::numeric_limits<std::int64_t>::max());
    for (auto& step : left) {
        step.state = "stopped";
        step.ended = events.empty() ? step.started : std::max(step.started, events.back().time);
        put_step(step);
    }
}

/// Once a job: what it still does is likely to fail.
void JobContext::look_at_space() {
    const auto problem = low_space(directory_);
    {
        const std::lock_guard lock(mutex_);
        if (!problem || said_that_space_is_low_) {
            return;
        }
        said_that_space_is_low_ = true;
    }
    warn(*problem);
    tell(notify::Moment::disk_low, *problem);
}

void JobContext::forget(const std::string& key) {
    auto row = find_step(key);
    row.state = "failed";
    row.summary = "its result was removed";
    put_step(row);
}

ports::StepRow JobContext::find_step(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = steps_.find(key);
    if (found != steps_.end()) {
        return found->second;
    }
    ports::StepRow fresh;
    fresh.job = id_;
    fresh.key = key;
    return fresh;
}

void JobContext::put_step(const ports::StepRow& row) {
    store_.put_step(row);
    const std::lock_guard lock(mutex_);
    steps_[row.key] = row;
}

void JobContext::event(const std::string& kind, const std::string& text, nlohmann::json data) {
    const auto shown = escape_for_terminal(text);
    data["text"] = shown;
    ports::EventRow row;
    row.time = std::chrono::system_clock::now();
    row.kind = kind;
    row.data_json = json_text(data);
    store_.add_event(id_, row);
    log_.line("lab", shown);
    listeners_.changed();
}

void JobContext::publish(const nlohmann::json& result) {
    update([&](ports::JobRow& row) { row.result_json = json_text(result); });
}

void JobContext::update(const std::function<void(ports::JobRow&)>& change) {
    {
        const std::lock_guard lock(mutex_);
        change(row_);
        store_.put_job(row_);
    }
    listeners_.changed();
}

} // namespace lab::engine
