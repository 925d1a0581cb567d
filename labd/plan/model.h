// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/units.h"
#include "core/verdict.h"
#include "plan/notifications.h"
#include "plan/words.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lab::plan {

/// How the root image of a machine is made.
enum class RootRecipe {
    debian, ///< by mmdebstrap from the host's own apt sources
    empty,  ///< an empty ext4 file system; an install fills it
    import, ///< an existing qcow2 or raw image by path or URL
};

enum class ImageFormat { qcow2, raw };
enum class BootMethod { direct, firmware };
enum class KernelOrigin {
    root,    ///< kernel and initrd made with the root image
    install, ///< kernel and initrd handed out by the install step
};
enum class SessionKind { ssh, console };

/// What a guest's network card leads to.
enum class NetworkKind {
    user,     ///< the host reaches ports of the guest that it forwards; the guest reaches nothing
    outbound, ///< the same, and the guest reaches what this host's user reaches, loopback included
    none,     ///< there is no card
};

/// The key `outbound` beside `network: user`.
[[nodiscard]] inline const Words<NetworkKind>& outbound_words() {
    static const Words<NetworkKind> words{{"false", NetworkKind::user},
                                          {"true", NetworkKind::outbound}};
    return words;
}

/// What a guest's clock counts while it is measured.
enum class GuestClock {
    wall,         ///< host time
    instructions, ///< executed instructions, where guests are emulated (one CPU); else wall
};

[[nodiscard]] inline const Words<GuestClock>& clock_words() {
    static const Words<GuestClock> words{{"wall", GuestClock::wall},
                                         {"instructions", GuestClock::instructions}};
    return words;
}

/// What becomes of the other instances of the host while one measures.
enum class Quiet {
    none,  ///< nothing
    pause, ///< they stand still
    pin,   ///< they keep off the CPUs that the measuring one gets
};

[[nodiscard]] inline const Words<Quiet>& quiet_words() {
    static const Words<Quiet> words{
        {"none", Quiet::none}, {"pause", Quiet::pause}, {"pin", Quiet::pin}};
    return words;
}

/// Where a build VM's commits are built.
enum class RunsIn {
    automatic, ///< in a virtual machine where KVM works, else in a container where that can be
    vm,
    container, ///< on the host's kernel, in namespaces
};

[[nodiscard]] inline const Words<RunsIn>& runs_in_words() {
    static const Words<RunsIn> words{
        {"auto", RunsIn::automatic}, {"vm", RunsIn::vm}, {"container", RunsIn::container}};
    return words;
}

/// Which part of an operating system a build makes.
enum class BuildMode { full, kernel };

/// A file of a template: its path below the template's directory and its content.
struct TemplateFile {
    std::string path;
    std::string content;
};

/// Where an imported image comes from.
struct ImportSource {
    std::string location; ///< absolute path or http(s) URL
    std::string sha256;   ///< 64 hex digits; required for a URL
    ImageFormat format = ImageFormat::qcow2;
};

struct RootSpec {
    RootRecipe recipe = RootRecipe::empty;
    Bytes size = gibibytes(1);          ///< virtual size of the root disk
    std::string suite;                  ///< debian: "bookworm"
    std::vector<std::string> packages;  ///< debian
    std::vector<std::string> modules;   ///< debian: kernel modules of the initrd, in load order
    std::optional<TemplateFile> init;   ///< installed as /sbin/lab-init, mode 0755
    std::optional<ImportSource> import; ///< import
};

struct BootSpec {
    BootMethod method = BootMethod::direct;
    KernelOrigin kernel_origin = KernelOrigin::root;
    std::string cmdline;            ///< direct boot; " lab.nonce=<nonce>" is added
    std::string ready;              ///< ready mark; contains "{nonce}"
    std::vector<std::string> crash; ///< RE2 patterns, matched against single console lines
    Duration timeout = std::chrono::minutes(2); ///< from power-on to the ready mark
    Duration silence =
        std::chrono::minutes(1); ///< longest time without console output while booting
};

/// The scripts (POSIX sh, run in the guest) by which a template's machine serves as a build
/// machine.
struct BuildMachineSpec {
    TemplateFile build_begin;   ///< makes or mounts the build file system, applies the source delta
    TemplateFile build_end;     ///< flushes and unmounts it
    TemplateFile install_begin; ///< mounts build image and test root
    TemplateFile install_end;   ///< writes the boot tar to the output disk, unmounts
    bool container = false;     ///< builds may run in a container of the root's files
};

/// How one operating system is built and installed; the scripts run in a build machine.
struct RecipeSpec {
    std::string machine; ///< name of the template whose machine builds by default
    TemplateFile full;
    std::optional<TemplateFile> kernel;
    TemplateFile install;
    std::optional<TemplateFile> deploy; ///< leaves what a machine by SSH gets; else `install` does
    std::optional<TemplateFile> boot_once; ///< has a machine by SSH start a kernel once; else lab's
    Bytes image_size = gibibytes(4);       ///< virtual size of a build image
    Duration build_timeout = std::chrono::hours(2);
    Duration install_timeout = std::chrono::minutes(20);
};

/// How one operating system's machines are made and driven: vm-templates/<name>/template.yaml.
struct Template {
    std::string name;
    std::string description;
    std::filesystem::path directory;
    std::string text; ///< the YAML as read
    RootSpec root;
    BootSpec boot;
    SessionKind session = SessionKind::ssh;
    NetworkKind network = NetworkKind::user;
    std::string disk_device = "/dev/vd{letter}"; ///< how the guest names its n-th disk
    std::optional<BuildMachineSpec> build_machine;
    std::optional<RecipeSpec> recipes;
};

/// How a value stands in what a benchmark prints.
enum class ValueFormat {
    metric_line, ///< LAB_METRIC <resultclass> <value> <unit>
    json,        ///< at a JSON pointer
    csv,         ///< in a column, of the only row or of the one with a key
    regex,       ///< in the only group of the only match
};

/// Where a resultclass is read.
struct ValueSource {
    ValueFormat format = ValueFormat::metric_line;
    std::string where = {};  ///< JSON pointer, column, or RE2 pattern
    std::string key = {};    ///< csv: column that names the row; empty = there is only one
    std::string wanted = {}; ///< csv: what stands there
};

/// One metric of a benchmark.
struct ResultClass {
    std::string name;
    std::string unit;
    core::Direction better = core::Direction::higher_is_better;
    ValueSource source = {};
};

enum class ParamType { integer, number, text };

/// A parameter of a benchmark: a variable of the guest's shell.
struct Param {
    std::string name; ///< a shell variable's: letters, digits, '_'
    ParamType type = ParamType::text;
    std::string value;                     ///< unless another one is given
    std::optional<double> smallest = {};   ///< of numbers
    std::optional<double> largest = {};    ///< the same
    std::vector<std::string> allowed = {}; ///< of texts; empty = any
};

/// What a benchmark's program is.
enum class BenchmarkType {
    command,   ///< text for the shell of the SUT
    container, ///< an image that docker or podman runs there
};

/// vm-templates/benchmarks/<suite>/<name>.yaml.
struct Benchmark {
    std::string suite;
    std::string name;
    std::string description;
    BenchmarkType type = BenchmarkType::command;
    std::string image = {}; ///< of a container
    std::string command;    ///< text for the guest's shell; of a container it may be empty
    std::vector<Param> params = {};
    Duration timeout = std::chrono::minutes(10);
    unsigned warmups = 0;  ///< runs per session that are thrown away
    unsigned repeats = 1;  ///< measured runs per session
    unsigned sessions = 1; ///< boots
    GuestClock clock = GuestClock::wall;
    Quiet quiet = Quiet::none;
    std::vector<ResultClass> resultclasses;

    [[nodiscard]] std::string id() const { return suite + "/" + name; }
};

/// How often something is run; what is absent is up to the benchmark.
struct RunCounts {
    std::optional<unsigned> warmups = {};
    std::optional<unsigned> repeats = {};
    std::optional<unsigned> sessions = {};
    std::optional<Duration> timeout = {};

    /// The benchmark with the counts that are given here.
    [[nodiscard]] Benchmark applied_to(Benchmark benchmark) const {
        benchmark.warmups = warmups.value_or(benchmark.warmups);
        benchmark.repeats = repeats.value_or(benchmark.repeats);
        benchmark.sessions = sessions.value_or(benchmark.sessions);
        benchmark.timeout = timeout.value_or(benchmark.timeout);
        return benchmark;
    }
};

struct Source {
    std::string name;
    std::filesystem::path path; ///< absolute
};

/// Where a machine's keys stand in lab.yaml, for messages about what they name:
/// "lab.yaml:3:14: build_vms.b.machine". Empty in what was not read from there.
using KeyPlaces = std::map<std::string, std::string>;

struct BuildVm {
    std::string name;
    std::string machine; ///< template of the machine, for example debian-12
    std::string source;  ///< key of Config::sources
    std::string recipe;  ///< template whose build recipes are used, for example pebble
    RunsIn runs_in = RunsIn::automatic;
    unsigned cpus = 1;
    Bytes memory = gibibytes(1);
    std::optional<NetworkKind> network = {}; ///< instead of the template's; never `none`
    KeyPlaces places = {};                   ///< of machine, recipe, outbound
};

struct TestVm {
    std::string name;
    std::string machine; ///< template
    unsigned cpus = 1;
    Bytes memory = mebibytes(512);
    std::string cmdline;                     ///< added to the template's command line
    std::optional<NetworkKind> network = {}; ///< instead of the template's; never `none`
    KeyPlaces places = {};                   ///< of machine, outbound
};

/// Host resources that running instances may take together; absent = detected.
struct Budget {
    std::optional<unsigned> cpus;
    std::optional<Bytes> memory;
};

/// lab.yaml.
struct Config {
    std::filesystem::path file; ///< absolute path of lab.yaml
    std::string text;
    std::map<std::string, Source> sources;
    std::map<std::string, BuildVm> build_vms;
    std::map<std::string, TestVm> test_vms;
    Budget budget;
    std::string hypervisor; ///< libvirt URI; empty = embedded
    std::vector<std::filesystem::path>
        template_dirs; ///< searched before the shipped ones; absolute
    Notifications notifications;
};

[[nodiscard]] const char* to_string(BuildMode mode) noexcept;

} // namespace lab::plan
