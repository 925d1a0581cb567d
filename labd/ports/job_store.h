// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lab::ports {

/// A job as it is stored. `state` is one of engine::to_string(JobState).
struct JobRow {
    std::string id;
    std::string kind;
    std::string title;
    std::string spec_json;
    std::string config_path;
    std::string config_text;
    std::string idempotency_key;
    std::string state;
    std::optional<int> exit_code;
    std::string error;
    std::string hint;
    std::string result_json = "{}";
    WallTime created;
    std::optional<WallTime> started;
    std::optional<WallTime> ended;
    unsigned crashes = 0; ///< how often labd crashed while it ran
};

/// Which jobs to read; what is empty does not matter.
struct JobQuery {
    std::string id_prefix = {};
    std::string idempotency_key = {};
    std::size_t limit = SIZE_MAX;
};

/// A durable piece of a job; (job, key) is unique and `done` happens once.
struct StepRow {
    std::string job;
    std::string key;
    std::string state; ///< running, done, failed; stopped: cancelled, or not wanted any more
    unsigned attempts = 0;
    std::string result_json = "{}";
    std::string summary;
    WallTime started;
    std::optional<WallTime> ended;
};

struct EventRow {
    std::uint64_t sequence = 0;
    WallTime time;
    std::string kind;
    std::string data_json;
};

/// A running virtual machine and what must be released when it ends.
struct InstanceRow {
    std::string uuid;
    std::string name;
    std::string directory; ///< its overlay, console log and socket
    std::string purpose;   ///< "job": ends with its job; "user": runs until `lab vm stop`
    std::string image_key; ///< image its root overlay is backed by
    std::string access_json;
};

/// Jobs, their steps, events and observations. Every write is durable when the call returns.
/// Thread-safe; failures are infra Errors.
class JobStore {
public:
    virtual ~JobStore() = default;

    /// Inserts the job or replaces the row with the same id.
    virtual void put_job(const JobRow& job) = 0;
    [[nodiscard]] virtual std::vector<JobRow> jobs(const JobQuery& query) = 0; ///< newest first

    virtual void put_step(const StepRow& step) = 0;
    [[nodiscard]] virtual std::vector<StepRow> steps(const std::string& job) = 0;

    /// Appends and returns the sequence number: 1, 2, 3, ... for each job.
    virtual std::uint64_t add_event(const std::string& job, const EventRow& event) = 0;
    [[nodiscard]] virtual std::vector<EventRow> events(const std::string& job, std::uint64_t after,
                                                       std::size_t limit) = 0;
};

/// What a bisection has seen, in order; the bisection is a fold over it. Durable, thread-safe.
class ObservationStore {
public:
    virtual ~ObservationStore() = default;
    virtual void append(const std::string& job, const std::string& observation_json) = 0;
    [[nodiscard]] virtual std::vector<std::string> observations(const std::string& job) = 0;
};

/// Instances that were started and not yet cleaned up. Durable, thread-safe.
class InstanceStore {
public:
    virtual ~InstanceStore() = default;
    virtual void put_instance(const InstanceRow& instance) = 0;
    virtual void remove_instance(const std::string& uuid) = 0;
    [[nodiscard]] virtual std::vector<InstanceRow> instances() = 0;
};

} // namespace lab::ports
