// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/units.h"
#include "plan/job_spec.h"
#include "plan/model.h"
#include "ports/hypervisor.h"
#include "ports/image_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lab::engine {

enum class JobState { queued, running, done, failed, cancelled, interrupted };

[[nodiscard]] const char* to_string(JobState state) noexcept;
[[nodiscard]] inline bool is_final(JobState state) noexcept {
    return state != JobState::queued && state != JobState::running;
}

/// lab.yaml as the client found it.
struct ConfigText {
    std::string path;
    std::string text;
};

struct JobSummary {
    std::string id;    ///< ULID
    std::string kind;  ///< plan::kind_of
    std::string title; ///< one line, for example "bisect good..bad --vm pebble-build ..."
    JobState state = JobState::queued;
    std::optional<int> exit_code; ///< of the command line, once final
    std::string error;            ///< why it failed, one line; empty when it did not
    std::string hint;
    WallTime created;
    std::optional<WallTime> started;
    std::optional<WallTime> ended;
};

struct StepSummary {
    std::string key;   ///< for example "build/3f2a.../kernel"
    std::string state; ///< running, done, failed
    unsigned attempts = 0;
    WallTime started;
    std::optional<WallTime> ended;
    std::string summary; ///< one line
};

struct JobDetail {
    JobSummary summary;
    std::string spec_json;
    std::string result_json; ///< "{}" until there is one
    std::vector<StepSummary> steps;
};

/// Something a follower of a job is shown; numbered from 1 without gaps.
struct JobEvent {
    std::uint64_t sequence = 0;
    WallTime time;
    std::string kind;      ///< "phase", "progress", "warning", "verdict", "state"
    std::string data_json; ///< always has "text", one line for people
};

struct EventPage {
    std::vector<JobEvent> events;
    JobState state = JobState::queued;
};

struct LogChunk {
    std::string bytes; ///< guest output: foreign bytes
    std::uint64_t next_offset = 0;
    bool final = false; ///< the job is over and this is the end
};

/// Whether a request is carried out or only looked at.
enum class Intent { run, preview };

struct Submission {
    plan::JobSpec spec;
    ConfigText config;
    std::string idempotency_key; ///< may be empty
    Intent intent = Intent::run;
};

struct Submitted {
    std::string id;        ///< empty for a preview
    std::string title;     ///< as JobSummary::title
    std::string spec_json; ///< with every revision resolved
};

/// Durable jobs. Thread-safe. Unknown ids are not_found Errors; an id may be abbreviated to any
/// unambiguous prefix, "@last" is the newest job.
class JobService {
public:
    virtual ~JobService() = default;

    /// Validates all of the request, stores the job and starts it. A second request with the same
    /// non-empty idempotency key returns the first one's job. A preview stores and starts nothing.
    /// @throws Error bad_input, not_found, conflict  before anything is stored.
    virtual Submitted submit(const Submission& submission) = 0;

    [[nodiscard]] virtual std::vector<JobSummary> jobs() = 0; ///< newest first
    [[nodiscard]] virtual JobDetail job(const std::string& id) = 0;

    /// Events behind sequence number `after`; waits up to `wait` for the first one.
    [[nodiscard]] virtual EventPage events(const std::string& id, std::uint64_t after,
                                           Duration wait) = 0;
    [[nodiscard]] virtual LogChunk log(const std::string& id, std::uint64_t offset,
                                       std::size_t limit) = 0;

    /// Returns false when the job was over already.
    virtual bool cancel(const std::string& id) = 0;

    /// Continues a failed, cancelled or interrupted bisection or plan; what it measured is kept.
    ///
    /// With commits to skip, one that runs is continued as well, without them.
    /// @param skip  revisions and ranges `A..B` of the bisected repository, as `git bisect skip`
    ///              takes them: commits reachable from B and not from A.
    virtual void resume(const std::string& id, const std::vector<std::string>& skip) = 0;

    /// Text that `git bisect replay` takes, for a bisect job.
    [[nodiscard]] virtual std::string bisect_log(const std::string& id) = 0;
};

struct VmStatus {
    std::string name;
    std::string kind;     ///< "build" or "test"
    std::string machine;  ///< template
    std::string root;     ///< "ready" or "missing": whether its root image is made
    std::string instance; ///< uuid of the one started by `lab vm start`, else empty
    unsigned cpus = 0;
    Bytes memory;
};

/// How a client reaches a machine started by `lab vm start`.
struct VmAccess {
    std::string session; ///< "ssh" or "console"
    std::string host;
    std::uint16_t port = 0;
    std::string user;
    std::string key;         ///< private key file
    std::string known_hosts; ///< file with the pinned host key
    std::string console_socket;
    std::string console_log;
};

struct TemplateInfo {
    std::string name;
    std::string description;
    std::string directory;
    std::string text;
    bool builds = false;         ///< has build recipes
    bool machine_builds = false; ///< its machine can be a build VM
};

struct DoctorCheck {
    std::string id;     ///< "kvm", "qemu", "libvirt", "disk-space", ...
    std::string result; ///< "ok", "warn" or "fail"
    std::string text;   ///< one sentence
    std::string fix;    ///< what to do; empty when ok
};

/// A message to one channel, as lists show it.
struct LetterInfo {
    std::string id;
    std::string title;
    std::string channel;
    std::string config_path; ///< lab.yaml that names the channel
    std::string state;       ///< "waiting" or "dead"
    unsigned attempts = 0;
    WallTime created;
    std::optional<WallTime> due; ///< next attempt of one that waits
    std::string reason;          ///< why the last attempt failed, one line
};

/// Letters that are meant; none named = all that wait or are dead.
using LetterIds = std::vector<std::string>;

/// Messages that labd sends. Thread-safe. Unknown ids are not_found Errors, before anything is
/// changed.
class OutboxService {
public:
    virtual ~OutboxService() = default;

    /// What waits and what was given up, oldest first.
    [[nodiscard]] virtual std::vector<LetterInfo> letters() = 0;

    /// Tries again at once, and for another day. Returns how many letters that are.
    virtual std::size_t retry(const LetterIds& ids) = 0;

    /// Forgets letters. Returns how many.
    virtual std::size_t drop(const LetterIds& ids) = 0;

    /// Has a channel told of a job's end, whatever the rules say; at once when it has ended.
    /// @param job  whole id.
    /// @throws Error not_found  for an unknown job or channel; bad_input for a broken lab.yaml.
    virtual void watch(const std::string& job, const std::string& channel,
                       const ConfigText& config) = 0;
};

/// What is to be removed of the images that nobody uses.
struct Collection {
    std::optional<Bytes> keep_at_most =
        {};           ///< the most recently used ones up to this; absent = none
    bool all = false; ///< also those that images_to_keep() names
    bool dry_run = false;
};

/// Everything that is asked or done at once, without a job. Thread-safe.
class LabService {
public:
    virtual ~LabService() = default;
    [[nodiscard]] virtual std::vector<VmStatus> vms(const ConfigText& config) = 0;
    virtual void stop_vm(const std::string& name) = 0;
    [[nodiscard]] virtual VmAccess access(const std::string& name) = 0;
    [[nodiscard]] virtual std::vector<TemplateInfo> templates(const ConfigText& config) = 0;
    [[nodiscard]] virtual std::vector<ports::Image> images() = 0;
    [[nodiscard]] virtual ports::GarbageReport collect(const Collection& collection) = 0;
    [[nodiscard]] virtual std::vector<ports::VerifyResult> verify() = 0;
    [[nodiscard]] virtual std::vector<DoctorCheck> doctor() = 0;
};

} // namespace lab::engine
