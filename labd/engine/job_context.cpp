// SPDX-License-Identifier: Apache-2.0
#include "engine/job_context.h"

#include "base/lasting_error.h"
#include "base/text.h"
#include "engine/disk_space.h"

#include <array>

namespace lab::engine {
namespace {

constexpr std::array<Duration, 2> retry_pauses{std::chrono::seconds(1), std::chrono::seconds(5)};

} // namespace

JobContext::JobContext(ports::JobStore& store, ports::JobRow row,
                       const std::filesystem::path& log_file, Listeners listeners)
    : id_(row.id), store_(store), log_(log_file), directory_(log_file.parent_path()),
      listeners_(std::move(listeners)), row_(std::move(row)) {
    for (auto& step : store_.steps(id_)) {
        steps_[step.key] = std::move(step);
    }
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
        row.state = "done";
        row.result_json = result.data.dump();
        row.summary = result.summary;
        row.ended = std::chrono::system_clock::now();
        put_step(row);
        return std::move(result.data);
    } catch (const Error& error) {
        row.state = "failed";
        row.summary = error.what();
        row.ended = std::chrono::system_clock::now();
        put_step(row);
        throw;
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
    row.data_json = data.dump();
    store_.add_event(id_, row);
    log_.line("lab", shown);
    listeners_.changed();
}

void JobContext::publish(const nlohmann::json& result) {
    update([&](ports::JobRow& row) { row.result_json = result.dump(); });
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
