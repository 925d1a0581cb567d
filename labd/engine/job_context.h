// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"
#include "engine/job_log.h"
#include "notify/job_message.h"
#include "plan/model.h"
#include "ports/job_store.h"

#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

namespace lab::engine {

/// What a finished step leaves behind.
struct StepResult {
    nlohmann::json data;
    std::string summary; ///< one line for `lab job show`
};

/// One running job: its durable steps, its events and its log. Thread-safe.
class JobContext {
public:
    /// Who is told what happens, from the thread in which it does.
    struct Listeners {
        std::function<void()> changed; ///< after every event and state change
        std::function<void(notify::Moment, const std::string& detail)> news;
    };

    JobContext(ports::JobStore& store, ports::JobRow row, const std::filesystem::path& log_file,
               Listeners listeners);

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] JobLog& log() { return log_; }

    /// Runs `work` unless an earlier run of this job has finished the step; either way returns what
    /// it left. The result is durable before this returns, so nothing is done twice after a crash.
    ///
    /// An infra Error of `work` is retried twice after a pause; then it is thrown, and the step can
    /// be tried again by resuming the job. So is every exception that is no Error; a step that was
    /// stopped ends as "stopped".
    nlohmann::json step(const std::string& key, const std::stop_token& stop,
                        const std::function<StepResult()>& work);

    /// Forgets a finished step, because what it left is gone.
    void forget(const std::string& key);

    void phase(const std::string& text) { event("phase", text); }
    void warn(const std::string& text) { event("warning", text); }
    void event(const std::string& kind, const std::string& text,
               nlohmann::json data = nlohmann::json::object());

    /// Stores the result so far; the last one stays.
    void publish(const nlohmann::json& result);

    /// Has people told of a moment: of a beginning or a verdict the result so far says what it is,
    /// of trouble the detail.
    void tell(notify::Moment moment, const std::string& detail = {}) {
        listeners_.news(moment, detail);
    }

    /// Changes the stored row of the job.
    void update(const std::function<void(ports::JobRow&)>& change);

private:
    nlohmann::json attempt(const std::string& key, const std::stop_token& stop,
                           const std::function<StepResult()>& work);
    /// The step's row, or a fresh one.
    ports::StepRow find_step(const std::string& key);
    void put_step(const ports::StepRow& row);
    void end_step(ports::StepRow& row, const char* state, const std::string& summary);
    void stop_leftovers();
    void look_at_space();

    const std::string id_;
    ports::JobStore& store_;
    JobLog log_;
    const std::filesystem::path directory_; ///< of the log, on the disk that images fill
    Listeners listeners_;
    std::mutex mutex_;
    ports::JobRow row_;
    std::map<std::string, ports::StepRow> steps_;
    bool said_that_space_is_low_ = false;
};

} // namespace lab::engine
