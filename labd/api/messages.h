// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What travels between `lab` and `labd`: plain values, times as RFC 3339 text, sizes in bytes.
namespace lab::api {

/// Version of this protocol; both sides must have the same one.
inline constexpr int api_version = 1;

/// Header that carries the protocol version in both directions.
inline constexpr const char* version_header = "Lab-Api";

/// Headers of the answer to a log request.
inline constexpr const char* next_offset_header = "Lab-Next-Offset";
inline constexpr const char* final_header = "Lab-Final";

/// Version of the program, for example "0.1.0".
[[nodiscard]] const char* program_version() noexcept;

/// The daemon itself. Readable by every version of the protocol.
struct Status {
    std::string version; ///< of labd
    int api = 0;
    std::int64_t pid = 0;
    std::string state_dir;
    std::string socket;
    std::uint64_t running_jobs = 0;
};

/// lab.yaml as the client found it; both empty when there is none.
struct ConfigText {
    std::string path;
    std::string text;
};

struct SubmitRequest {
    nlohmann::json spec; ///< plan::to_json
    ConfigText config;
    std::string idempotency_key;
    bool dry_run = false; ///< only check it
};

/// What became of a request.
struct Submitted {
    std::string id; ///< empty for a dry run
    std::string title;
    nlohmann::json spec; ///< with every revision resolved
};

/// Continues a bisection.
struct ResumeRequest {
    std::vector<std::string> skip; ///< revisions and ranges "A..B" that are not tried any more
};

/// A job as lists show it.
struct Job {
    std::string id;
    std::string kind;
    std::string title;
    std::string state; ///< queued, running, done, failed, cancelled, interrupted
    std::optional<int> exit_code;
    std::string error;
    std::string hint;
    std::string created;
    std::optional<std::string> started;
    std::optional<std::string> ended;
    double seconds = 0; ///< it has run so far, or ran
};

/// A message to one channel that waits or was given up.
struct Letter {
    std::string id;
    std::string title;
    std::string channel;
    std::string config_path;
    std::string state; ///< waiting, dead
    unsigned attempts = 0;
    std::string created;
    std::optional<std::string> due; ///< of one that waits
    std::string reason;             ///< why the last attempt failed
};

/// Letters that are meant; none = all.
struct LetterIds {
    std::vector<std::string> ids;
};

/// Has a channel of lab.yaml told of a job's end.
struct WatchRequest {
    std::string channel;
    ConfigText config;
};

/// True when nothing more will happen to a job in this state.
[[nodiscard]] bool is_final(const std::string& state) noexcept;

struct Step {
    std::string key;
    std::string state;
    unsigned attempts = 0;
    std::string started;
    std::optional<std::string> ended;
    double seconds = 0;
    std::string summary;
};

struct JobDetail {
    Job job;
    nlohmann::json spec;
    nlohmann::json result; ///< docs/api.md has the shape for each kind; {} until there is one
    std::vector<Step> steps;
};

struct Event {
    std::uint64_t sequence = 0;
    std::string time;
    std::string kind;    ///< phase, progress, warning, verdict, state
    nlohmann::json data; ///< "text" is one line for people; "done" and "total" may be there
};

struct EventPage {
    std::vector<Event> events;
    std::string state;
};

/// Bytes of a job's log; not JSON on the wire.
struct LogChunk {
    std::string bytes;
    std::uint64_t next_offset = 0;
    bool final = false;
};

struct Vm {
    std::string name;
    std::string kind; ///< build, test
    std::string machine;
    std::string root; ///< ready, missing
    std::string instance;
    unsigned cpus = 0;
    std::uint64_t memory = 0;
};

struct Access {
    std::string session; ///< ssh, console
    std::string host;
    std::uint16_t port = 0;
    std::string user;
    std::string key;
    std::string known_hosts;
    std::string console_socket;
    std::string console_log;
};

/// A machine that is reached by SSH.
struct Sut {
    std::string name;
    std::string host;
    std::string user;     ///< empty = by the ssh configuration
    unsigned port = 0;    ///< 0 = by the ssh configuration
    std::string keyfile;  ///< empty = by the ssh configuration and the agent
    std::string host_key; ///< "<type> <base64>"
    std::string fingerprint;
    std::vector<std::string> power_cycle; ///< argv
    std::vector<std::string> console;     ///< argv
    double boot_timeout = 600;            ///< seconds
    std::string state;                    ///< free, leased, quarantined
    std::string reason;                   ///< of a quarantine
};

/// The key by which a machine proves who it is.
struct HostKey {
    std::string text;        ///< "<type> <base64>"
    std::string fingerprint; ///< "SHA256:..."
    std::string known;       ///< what known_hosts says of it: yes, no, changed
};

struct TemplateInfo {
    std::string name;
    std::string description;
    std::string directory;
    std::string text;
    bool builds = false;
    bool machine_builds = false;
};

struct Image {
    std::string kind; ///< root, build, install
    std::string key;
    std::string directory;
    std::string digest;
    std::uint64_t size = 0;
    std::string parent;
    unsigned depth = 0;
    std::map<std::string, std::string> labels;
    std::string created;
};

struct GarbageRequest {
    std::optional<std::uint64_t> keep_at_most;
    bool all = false; ///< also roots, and what recent bisections are about
    bool dry_run = false;
};

struct GarbageReport {
    std::vector<Image> removed;
    std::vector<Image> kept_in_use;
    std::vector<Image> kept; ///< roots, and what recent bisections are about
    std::uint64_t freed = 0;
};

/// An image and what is wrong with it; empty = nothing.
struct VerifyResult {
    Image image;
    std::string problem;
};

struct DoctorCheck {
    std::string id;
    std::string result; ///< ok, warn, fail
    std::string text;
    std::string fix;
};

} // namespace lab::api
