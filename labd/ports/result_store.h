// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/verdict.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Records of a result store. Texts are valid UTF-8 without NUL, at most 1 MiB; ids have no control
/// characters and no space at either end, and at most 200 bytes. What is not known is empty.
namespace lab::ports {

/// Time of a record: UTC with microseconds, which every kind of store keeps exactly.
using RecordTime = std::chrono::sys_time<std::chrono::microseconds>;

/// "2025-03-01T10:00:00.123456Z"; nothing gives "".
[[nodiscard]] std::string time_text(const std::optional<RecordTime>& time);

/// Inverse of time_text; any RFC 3339 time in UTC with at most six digits behind the second.
/// Returns nothing for any other text.
[[nodiscard]] std::optional<RecordTime> time_from(std::string_view text);

/// One processor of a SUT, described by names and values (model name, flags, caches ...).
struct CpuRecord {
    std::int64_t index = 0;
    std::map<std::string, std::string> description = {};

    friend bool operator==(const CpuRecord&, const CpuRecord&) = default;
};

/// A system under test and its fingerprint.
///
/// A store refuses another architecture, cpu_count or product_name for a name it knows: that is
/// another machine. Of the rest it keeps what it was told first, and fills in what was empty.
struct SutRecord {
    std::string name = {}; ///< id
    std::string host_name = {};
    std::string architecture = {};
    std::string vendor_name = {};
    std::string product_name = {};
    std::optional<std::int64_t> cpu_count = {};
    std::optional<std::int64_t> memory = {}; ///< bytes
    std::string kernel_name = {};            ///< as found, before any profile
    std::string userspace_name = {};
    std::vector<CpuRecord> cpus = {}; ///< by index

    friend bool operator==(const SutRecord&, const SutRecord&) = default;
};

/// A named software configuration. A store refuses another commit, cmdline, sysctl or bootscript
/// for a name it knows.
struct SwprofileRecord {
    std::string name = {}; ///< id
    std::string kernel_name = {};
    std::string kernel_git_sha = {};
    std::string userspace_name = {};
    std::vector<std::string> cmdline = {};
    std::vector<std::string> sysctl = {};
    std::vector<std::string> bootscript = {};

    friend bool operator==(const SwprofileRecord&, const SwprofileRecord&) = default;
};

/// What was run. Two that differ in type, image or params are two benchmarks.
struct BenchmarkRecord {
    std::string suite = {};
    std::string name = {};
    std::string type = {};  ///< "command", "container"; empty = not known
    std::string image = {}; ///< of a container
    std::map<std::string, std::string> params = {};

    /// "suite/name": what people say.
    [[nodiscard]] std::string title() const { return suite + "/" + name; }

    /// SHA-256 (64 hex digits) of the params as a JSON object with sorted keys and no spaces.
    [[nodiscard]] std::string params_hash() const;

    /// Id in the store: title() alone when type, image and params are empty, else with ":" and
    /// twelve hex digits of SHA-256 over type, NUL, image, NUL and params_hash().
    [[nodiscard]] std::string id() const;

    friend bool operator==(const BenchmarkRecord&, const BenchmarkRecord&) = default;
};

/// "higher" or "lower": the word for a direction in stores, files and tables.
[[nodiscard]] const char* better_word(core::Direction direction) noexcept;

/// Inverse of better_word; nothing for any other word.
[[nodiscard]] std::optional<core::Direction> better_from(std::string_view word) noexcept;

/// One metric of a benchmark; (benchmark, name) is its id.
struct ResultclassRecord {
    std::string benchmark = {}; ///< BenchmarkRecord::id()
    std::string name = {};
    std::string unit = {};
    core::Direction better = core::Direction::higher_is_better;

    friend bool operator==(const ResultclassRecord&, const ResultclassRecord&) = default;
};

/// One boot of a SUT with one profile; groups its samples.
struct SessionRecord {
    std::string uuid = {}; ///< id
    std::optional<RecordTime> start = {};
    std::string accelerator = {}; ///< "kvm", "tcg", "none" for a physical machine
    std::string clock = {};       ///< "wall" or "instructions"
    std::string kernel_release = {};

    friend bool operator==(const SessionRecord&, const SessionRecord&) = default;
};

/// One sample; (session, benchmark, resultclass, sequence) is its id.
struct ResultRecord {
    std::string sut = {};
    std::string swprofile = {};
    std::string benchmark = {}; ///< BenchmarkRecord::id()
    std::string resultclass = {};
    std::string session = {};
    std::int64_t sequence = 1; ///< 1, 2, 3 ... within its session
    std::optional<RecordTime> time = {};
    double value = 0; ///< finite; a negative zero is stored as zero
    std::optional<double> host_load = {};
    std::string quiet =
        {}; ///< what other instances did: "none" were there, "paused", "pinned", "running"

    friend bool operator==(const ResultRecord&, const ResultRecord&) = default;
};

/// An invocation that gave no samples; (session, benchmark, sequence) is its id.
struct ErrorRecord {
    std::string sut = {};
    std::string swprofile = {};
    std::string benchmark = {};
    std::string session = {};
    std::int64_t sequence = 1; ///< of the invocation in its session
    std::optional<RecordTime> time = {};
    std::int64_t code = 0;
    std::string text = {};

    friend bool operator==(const ErrorRecord&, const ErrorRecord&) = default;
};

/// Records that belong together: what is appended at once, or what a store holds of a selection.
struct ResultBatch {
    std::vector<SutRecord> suts = {};
    std::vector<SwprofileRecord> swprofiles = {};
    std::vector<BenchmarkRecord> benchmarks = {};
    std::vector<ResultclassRecord> resultclasses = {};
    std::vector<SessionRecord> sessions = {};
    std::vector<ResultRecord> results = {};
    std::vector<ErrorRecord> errors = {};

    /// Number of records.
    [[nodiscard]] std::size_t size() const;

    friend bool operator==(const ResultBatch&, const ResultBatch&) = default;
};

/// Which tables a selection is made of.
enum class Tables {
    objects,   ///< suts, swprofiles, benchmarks and resultclasses
    everything ///< and sessions, results and errors
};

/// Globs (`*`, `?`, `[a-z]`); a record is selected when one of each list matches, and an empty list
/// matches all. A benchmark matches by its title or its id.
struct ResultFilter {
    std::vector<std::string> suts = {};
    std::vector<std::string> swprofiles = {};
    std::vector<std::string> benchmarks = {};
    std::vector<std::string> resultclasses = {};
    Tables tables = Tables::everything;
};

/// Whether one of the globs matches, or is the id itself; no globs match everything.
[[nodiscard]] bool matches(const std::vector<std::string>& globs, const std::string& id);

/// The same for a benchmark's id, with and without what is behind its last ":".
[[nodiscard]] bool matches_benchmark(const std::vector<std::string>& globs, const std::string& id);

/// A place where results are kept. Thread-safe; two processes may write at once.
class ResultStore {
public:
    virtual ~ResultStore() = default;

    /// Adds records; all of them are durable when the call returns.
    ///
    /// What the store has already is left alone, so the same batch may be appended again after any
    /// failure. Records may refer to others of the batch or of the store.
    /// @return how many records were new.
    /// @throws Error bad_input  for a text, an id or a number that no store takes, or a reference
    /// to
    ///                          nothing; nothing is written then.
    /// @throws Error conflict   when the store has another record with the same id; nothing is
    ///                          written then.
    /// @throws Error infra      when the store cannot be reached or written.
    virtual std::size_t append(const ResultBatch& batch) = 0;

    /// Everything that a filter selects, in the order of the ids. Sessions are those of the
    /// selected results and errors; without any glob, all.
    [[nodiscard]] virtual ResultBatch read(const ResultFilter& filter) = 0;

    /// The store's URL without any secret, for messages.
    [[nodiscard]] virtual std::string name() const = 0;

    /// Why records that were appended are not in the store itself yet, and where they wait; empty
    /// when all are.
    [[nodiscard]] virtual std::string waiting() const { return {}; }
};

/// How a store is opened.
enum class OpenMode {
    create, ///< there must be none yet
    append, ///< to write; made when there is none
    read,   ///< never written to: rights to read are enough
};

/// Opens result stores by their URL.
class ResultStores {
public:
    virtual ~ResultStores() = default;

    /// @throws Error bad_input  for a URL that is none, or that holds a password.
    /// @throws Error conflict   when mode is create and there is a store, when a newer lab wrote
    /// it,
    ///                          or when something else is at its place.
    /// @throws Error not_found  when mode is read and there is no store.
    /// @throws Error infra      when it cannot be reached.
    [[nodiscard]] virtual std::unique_ptr<ResultStore> open(const std::string& url,
                                                            OpenMode mode) = 0;
};

} // namespace lab::ports
