// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "core/policy.h"
#include "core/verdict.h"
#include "plan/model.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lab::plan {

/// `<vm>/<revision>`; the revision is any text git knows, slashes included.
struct BuildTarget {
    std::string vm;
    std::string revision;
    std::string commit = {}; ///< 40 hex digits once resolved, else empty
};

/// `<vm>/<revision>/<testvm>`.
struct InstallTarget {
    BuildTarget build;
    std::string test_vm;
};

/// From an empty build image instead of the nearest build.
enum class CleanBuild { no, yes };

/// Makes the root images of machines.
struct CreateSpec {
    std::vector<std::string> vms;
};

struct BuildSpec {
    std::vector<BuildTarget> targets;
    BuildMode mode = BuildMode::full;
    CleanBuild clean = CleanBuild::no;
};

struct InstallSpec {
    std::vector<InstallTarget> targets;
    std::string in; ///< build VM that runs the install; empty = the one that built
};

/// What is measured or judged on a booted machine: a benchmark or a command.
struct Check {
    std::string benchmark = {}; ///< "suite/name"; empty when `command` judges
    std::string metric = {};    ///< resultclass; empty = the benchmark's first one
    std::string command = {};   ///< text for the guest's shell; exit codes as `git bisect run`
    std::map<std::string, std::string> params = {}; ///< of the benchmark, by name
    std::optional<GuestClock> clock = {};           ///< instead of the benchmark's
    std::optional<Quiet> quiet = {};                ///< instead of the benchmark's

    /// Whether anything is said that only a benchmark has.
    [[nodiscard]] bool tunes_benchmark() const {
        return !metric.empty() || !params.empty() || clock || quiet;
    }
};

/// What runs on a machine: its own root, or a build installed into it.
struct MachineTarget {
    std::string vm;                        ///< machine that runs
    std::optional<BuildTarget> build = {}; ///< for a test VM: the build installed in it
};

struct TestSpec {
    MachineTarget target;
    Check check;
    std::optional<unsigned> sessions;
    std::optional<unsigned> repeats;
    std::optional<unsigned> warmups;
};

/// A check without machines: a program that runs in a checkout on this host.
struct LocalCheck {
    std::string repository;          ///< path of the repository that is bisected
    std::vector<std::string> argv;   ///< as it was said; exit codes as `git bisect run`
    std::string directory = {};      ///< where it was said: a program of it that is not in the
                                     ///< checkout is taken from there
    std::string search_path = {};    ///< PATH to find the program by
    unsigned timeout_seconds = 3600; ///< for one run
    bool timeout_is_bad = false;     ///< else a run that times out says nothing
    std::string metric_regex = {};   ///< its first group is the value; empty = LAB_METRIC lines
    std::optional<core::Direction> direction = {}; ///< absent = from good to bad is worse
};

/// What somebody says of a commit without trying it.
struct SaidVerdict {
    std::string commit; ///< revision, then 40 hex digits once resolved
    core::Verdict verdict = core::Verdict::skip;
};

/// Most builds and tests at once that may be asked for: each has a thread.
inline constexpr unsigned most_jobs = 256;

struct BisectSpec {
    std::string good; ///< revision, then 40 hex digits once resolved
    std::string bad;
    std::string vm; ///< build VM; empty with `local`
    std::string on; ///< test VM; empty with `local`
    Check check;    ///< nothing with `local`
    std::optional<LocalCheck> local = {};
    core::Strategy strategy = core::Strategy::bayes;
    core::Wanted wanted = core::Wanted::first;
    std::vector<SaidVerdict> said = {};
    core::Terms terms = {};
    double confidence = 0.99;
    bool first_parent = false;
    bool kernel_only = false;
    std::vector<std::string> paths;
    bool prune = true;         ///< commits that cannot matter are not tried
    bool panic_is_bad = false; ///< a commit whose machine goes down is bad; else it is skipped
    unsigned jobs = 0;         ///< builds and tests at once; 0 = what the budget allows
};

/// Starts a machine and leaves it running until it is stopped.
struct StartSpec {
    MachineTarget target;
};

/// Measures the software profiles of a plan and keeps the results in a store.
struct PlanSpec {
    std::string text;    ///< the plan's YAML
    std::string file;    ///< its absolute path: what relative paths in it start from
    std::string output;  ///< URL of the result store; empty when the plan is only checked
    bool append = false; ///< the store may be there already
    std::map<std::string, BuildTarget> builds = {}; ///< by profile: the kernels that are builds
};

using JobSpec =
    std::variant<CreateSpec, BuildSpec, InstallSpec, TestSpec, BisectSpec, StartSpec, PlanSpec>;

/// "create", "build", "install", "test", "bisect" or "start".
[[nodiscard]] const char* kind_of(const JobSpec& spec) noexcept;

/// JSON text of a spec: the form on the wire and in the database. Object with "kind" and the
/// members of the struct by name; absent optionals are left out.
/// @throws Error bad_input  when a text in it is not valid UTF-8.
[[nodiscard]] std::string to_json(const JobSpec& spec);

/// Inverse of to_json; unknown, duplicate, missing or ill-typed members are diagnostics, and so are
/// names, revisions and numbers that are not allowed. Texts above 1 MiB are refused.
[[nodiscard]] Parsed<JobSpec> job_spec_from_json(const std::string& text);

/// Checks a revision: valid UTF-8 of 1 byte to 1 KiB without control characters and not beginning
/// with '-'. Whether git knows it is asked later.
[[nodiscard]] Parsed<std::string> parse_revision(const std::string& text);

/// Whether the text is `<suite>/<name>`, both names as is_valid_name wants them.
[[nodiscard]] bool is_benchmark_id(std::string_view text);

/// Splits `<vm>/<revision>`: the VM is the text before the first slash.
[[nodiscard]] Parsed<BuildTarget> parse_build_target(const std::string& text);

/// `<vm>` for its own root, or `<vm>/<revision>/<testvm>`.
[[nodiscard]] Parsed<MachineTarget> parse_machine_target(const std::string& text);

/// Splits `<vm>/<revision>/<testvm>`: VM before the first slash, test VM behind the last one.
[[nodiscard]] Parsed<InstallTarget> parse_install_target(const std::string& text);

} // namespace lab::plan
