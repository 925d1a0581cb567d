// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/messenger.h"
#include "engine/service.h"
#include "notify/job_message.h"
#include "ports/job_store.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lab::engine {

/// Tells of jobs as the rules of their lab.yaml say, through the outbox. Thread-safe.
///
/// What is told of a moment is derived from the stored job alone, under a key of its own. So it can
/// be told again and again, and is sent once: after the moment, and at the next start if the
/// process did not come to it.
class News final : public OutboxService {
public:
    /// @param jobs, outbox, notifier  must outlive it.
    /// @param config_at  see Messenger.
    News(ports::JobStore& jobs, ports::Outbox& outbox, ports::Notifier& notifier,
         ConfigAt config_at);

    /// Writes the report of a bisection that is told of, and says where; may throw an Error.
    using Reporter = std::function<std::filesystem::path(const ports::JobRow&)>;

    /// Call at most once, before anything is told; without it messages name no report.
    void reports_by(Reporter reporter) { reporter_ = std::move(reporter); }

    /// Puts nothing more into the outbox, and waits for what is being put in: before what the
    /// reporter needs ends.
    void stop();

    /// Tells of ended jobs that an earlier process did not come to tell of, and sends what waits.
    /// Call once.
    /// @param jobs  all of them, oldest first.
    void start(const std::vector<ports::JobRow>& jobs);

    /// A moment of a job; a verdict is the one that the job's result calls the latest.
    struct Event {
        std::string job;
        notify::Moment moment = notify::Moment::ended;
        std::string detail = {}; ///< one line for people of a moment that is trouble
    };

    /// Puts what is to be told into the outbox. Failures are logged: they must not become the
    /// job's.
    void tell(const Event& event);

    /// The same from a thread of its own, in the order of the calls: an outbox that cannot be
    /// written delays no job. What is not done when this object ends is told by start(), if it is
    /// an end.
    void tell_soon(Event event);

    std::vector<LetterInfo> letters() override;
    std::size_t retry(const LetterIds& ids) override;
    std::size_t drop(const LetterIds& ids) override;
    void watch(const std::string& job, const std::string& channel,
               const ConfigText& config) override;

private:
    void tell(const ports::JobRow& row, notify::Moment moment, const std::string& detail = {});
    [[nodiscard]] std::string usual_time(const ports::JobRow& row);
    [[nodiscard]] ports::JobRow row_of(const std::string& job);
    [[nodiscard]] std::vector<ports::Letter> chosen(const LetterIds& ids);

    ports::JobStore& jobs_;
    [[nodiscard]] std::string report_of(const ports::JobRow& row) const;
    void work(const std::stop_token& stop);

    ports::Outbox& outbox_;
    Messenger messenger_;
    Reporter reporter_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Event> events_;
    std::jthread thread_; ///< last: it uses the others
};

} // namespace lab::engine
