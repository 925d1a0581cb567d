// SPDX-License-Identifier: Apache-2.0
#include "adapters/container/crun_containers.h"

#include "adapters/container/oci_config.h"
#include "base/error.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/process.h"
#include "base/text.h"
#include "base/user_namespace.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

namespace lab::adapters {
namespace {

namespace fs = std::filesystem;
using ports::CommandEnd;
using ports::CommandResult;
using ports::ContainerPlaces;

/// Where a container's runtime sees the trees; every system has it.
const fs::path seen_trees = "/mnt";

constexpr const char* fix_of_hosts =
    "needed: user namespaces (sysctl kernel.unprivileged_userns_clone=1), 65536 ids of this user "
    "in "
    "/etc/subuid and /etc/subgid, overlayfs in user namespaces (Linux 5.11)";

constexpr std::uint64_t most_processes = 8192;

/// Tells how the command ended to the one file of ours that the container may write: crun's own
/// exit code is 1 whether it or the command failed.
constexpr const char* wrapper = "sh -c \"$1\"; printf %s $? >/lab/end";

/// A limit that we may set: not above our own.
std::uint64_t at_most_ours(__rlimit_resource resource, std::uint64_t wanted) {
    rlimit ours{};
    return ::getrlimit(resource, &ours) == 0 ? std::min<std::uint64_t>(wanted, ours.rlim_max)
                                             : wanted;
}

/// Ids of a container's users as crun sees them. In a user's namespace its own id and the
/// subordinate ones are two ranges, and one that spans both is refused.
std::vector<OciIds> ids_of_containers() {
    if (::geteuid() == 0) {
        return {{0, container_root(), container_ids}};
    }
    return {{0, 0, 1}, {1, 1, container_ids - 1}};
}

/// The runtime in namespaces of its own.
std::vector<std::string> runtime_argv(const fs::path& trees, const fs::path& bundle) {
    std::vector<std::string> argv{"unshare"};
    if (::geteuid() != 0) {
        argv.insert(argv.end(),
                    {"--user", "--map-root-user", "--map-users=auto", "--map-groups=auto"});
    }
    argv.insert(argv.end(), {"--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"});
    // crun refuses hosts with both versions of cgroups unless it sees none.
    argv.insert(argv.end(), {"bwrap", "--die-with-parent", "--cap-add", "ALL", "--dev-bind", "/",
                             "/", "--tmpfs", "/sys/fs/cgroup", "--tmpfs", "/run", "--bind",
                             trees.string(), seen_trees.string(), "--"});
    argv.insert(argv.end(), {"crun", "--cgroup-manager=disabled", "--root=/run/crun",
                             "--log=file:" + (bundle / "crun.log").string(), "run", "--bundle",
                             bundle.string(), "lab"});
    return argv;
}

class Session final : public ports::GuestSession {
public:
    /// @param host_files  of this host, read-only, beside what the spec names
    Session(fs::path trees, ports::ContainerSpec spec, std::vector<OciBind> host_files = {})
        : trees_(std::move(trees)), spec_(std::move(spec)), host_files_(std::move(host_files)) {}

    CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                      const std::stop_token& stop) override {
        const TemporaryDirectory bundle(spec_.workspace->directory(), "b-");
        write_file(bundle.path() / "config.json", oci_config(request_for(command, bundle.path())));
        const auto end = bundle.path() / "end";
        write_file(end, "");
        give_to_container(end);

        CommandResult result;
        ProcessSpec process;
        process.argv = runtime_argv(trees_, seen(bundle.path()));
        process.input = command.standard_input;
        process.timeout = command.timeout.length;
        process.output_limit = {0};
        process.on_output = [&](std::string_view bytes) {
            sink(bytes);
            keep(bytes, command.output_limit, result);
        };
        const auto ran = run_process(process, stop);
        if (ran.timed_out) {
            result.end = CommandEnd::timed_out;
            return result;
        }
        result.exit_code = exit_code_of(end, bundle.path() / "crun.log", result.output);
        return result;
    }

private:
    /// The same file as the runtime sees it.
    [[nodiscard]] fs::path seen(const fs::path& file) const {
        const auto below = file.lexically_relative(trees_);
        if (below.empty() || *below.begin() == "..") {
            throw Error(ErrorCode::infra, file.string() + ": is not below the trees");
        }
        return seen_trees / below;
    }

    [[nodiscard]] OciRequest request_for(const ports::GuestCommand& command,
                                         const fs::path& bundle) const {
        const auto& workspace = *spec_.workspace;
        OciRequest request;
        request.argv = {"/bin/sh", "-c", wrapper, "sh", command.command};
        request.root = seen(*spec_.root).string();
        request.overlays = overlays();
        request.binds = {{seen(workspace.input()).string(), ContainerPlaces::input, false},
                         {seen(workspace.output()).string(), ContainerPlaces::output, true},
                         {seen(bundle / "end").string(), "/lab/end", true}};
        request.binds.insert(request.binds.end(), host_files_.begin(), host_files_.end());
        request.ids = ids_of_containers();
        request.limits.memory = at_most_ours(RLIMIT_DATA, spec_.memory.count);
        request.limits.file_size = at_most_ours(RLIMIT_FSIZE, spec_.file_size.count);
        request.limits.processes = at_most_ours(RLIMIT_NPROC, most_processes);
        return request;
    }

    /// What it writes over, and the build that it reads.
    [[nodiscard]] std::vector<OciOverlay> overlays() const {
        const auto& workspace = *spec_.workspace;
        const auto nothing = seen(workspace.nothing()).string();
        OciOverlay written;
        written.layers = seen_layers(spec_.layers);
        if (written.layers.empty()) {
            written.layers.push_back(nothing);
        }
        written.upper = seen(workspace.upper()).string();
        written.work = seen(workspace.work()).string();
        written.target = spec_.target;
        if (spec_.build.empty()) {
            return {written};
        }
        OciOverlay read;
        read.layers = seen_layers(spec_.build);
        read.layers.push_back(nothing); // one alone would be no overlay
        read.target = ContainerPlaces::build;
        return {written, read};
    }

    [[nodiscard]] std::vector<std::string>
    seen_layers(const std::vector<ports::TreeLease>& layers) const {
        std::vector<std::string> names;
        for (const auto& layer : layers) {
            names.push_back(seen(*layer).string());
        }
        return names;
    }

    static void keep(std::string_view bytes, Bytes limit, CommandResult& result) {
        const auto room = limit.count - std::min<std::uint64_t>(limit.count, result.output.size());
        const auto kept = bytes.substr(0, room);
        result.output += kept;
        result.dropped_bytes += bytes.size() - kept.size();
    }

    /// @throws Error infra  when the command did not end by itself.
    static int exit_code_of(const fs::path& end, const fs::path& log, const std::string& output) {
        const auto text = read_file(end, mebibytes(1));
        unsigned char code = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), code);
        if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) {
            return code;
        }
        std::error_code none;
        auto cause = fs::exists(log, none) ? read_file(log, mebibytes(1)) : "";
        if (trim(cause).empty()) {
            cause = output; // bwrap and unshare have no log
        }
        throw Error(ErrorCode::infra,
                    "container: did not run to its end: " +
                        (trim(cause).empty() ? "it was killed"
                                             : cap(escape_for_terminal(trim(cause)), 500)),
                    "'lab doctor' checks the host; 'runs_in: vm' builds in a virtual machine");
    }

    const fs::path trees_;
    const ports::ContainerSpec spec_;
    const std::vector<OciBind> host_files_;
};

/// A container of this host's own programs, by which it is tried whether containers work.
class Probe {
public:
    explicit Probe(const fs::path& trees)
        : trees_(trees), directory_(trees / ("w-" + random_hex(16))) {
        make(directory_);
        for (const char* name : {"dev", "proc", "root", "run", "tmp", "usr", "var", "var/tmp",
                                 "lab", "lab/build", "lab/root", "lab/in", "lab/out"}) {
            make(root() / name);
        }
        write_file(root() / "lab/end", "");
        for (const auto& ours : {place_->input(), place_->nothing(), place_->output(), layer(),
                                 place_->upper(), place_->work()}) {
            make(ours);
        }
        write_file(layer() / "below", "");
        for (const auto& theirs : {root(), layer(), layer() / "below", place_->output(),
                                   place_->upper(), place_->work()}) {
            give_to_container(theirs);
        }
        show_programs();
    }

    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    ~Probe() { remove_foreign_tree(directory_); }

    CommandResult run() {
        ports::ContainerSpec spec;
        spec.root = std::make_shared<const fs::path>(root());
        spec.layers = {std::make_shared<const fs::path>(layer())};
        spec.workspace = place_;
        spec.memory = gibibytes(1);
        spec.file_size = mebibytes(1);
        ports::GuestCommand command;
        command.command = "rm /lab/build/below && echo over >/lab/build/above";
        command.timeout = std::chrono::seconds(30);
        return Session(trees_, spec, host_files_).run(command, [](std::string_view) {}, {});
    }

private:
    struct Place final : ports::Workspace {
        explicit Place(fs::path at) : path(std::move(at)) {}
        const fs::path& directory() const override { return path; }
        fs::path path;
    };

    static void make(const fs::path& directory) {
        fs::create_directories(directory);
        fs::permissions(directory, fs::perms(0755));
    }

    /// As this host has them: below /usr, with links to it or without.
    void show_programs() {
        host_files_ = {{"/usr", "/usr", false}};
        for (const std::string name : {"bin", "lib", "lib64"}) {
            const auto host = fs::path("/") / name;
            if (fs::is_symlink(host)) {
                fs::create_symlink(fs::read_symlink(host), root() / name);
            } else if (fs::exists(host)) {
                make(root() / name);
                host_files_.push_back({host.string(), host.string(), false});
            }
        }
    }

    [[nodiscard]] fs::path root() const { return directory_ / "root"; }
    [[nodiscard]] fs::path layer() const { return directory_ / "layer"; }

    const fs::path& trees_;
    const fs::path directory_;
    std::shared_ptr<Place> place_ = std::make_shared<Place>(directory_);
    std::vector<OciBind> host_files_;
};

class CrunContainers final : public ports::Containers {
public:
    explicit CrunContainers(fs::path trees) : trees_(fs::absolute(std::move(trees))) {}

    ports::ContainerSupport support() override {
        const std::lock_guard lock(mutex_);
        if (!support_) {
            support_ = probe();
        }
        return *support_;
    }

    std::unique_ptr<ports::GuestSession> open(const ports::ContainerSpec& spec) override {
        return std::make_unique<Session>(trees_, spec);
    }

private:
    [[nodiscard]] ports::ContainerSupport probe() const;

    const fs::path trees_;
    std::mutex mutex_;
    std::optional<ports::ContainerSupport> support_;
};

/// A program that is missing, and its package.
std::optional<std::pair<std::string, std::string>> missing_program() {
    std::vector<std::pair<std::string, std::string>> needed{{"crun", "crun"},
                                                            {"bwrap", "bubblewrap"},
                                                            {"unshare", "util-linux"},
                                                            {"tar", "tar"},
                                                            {"zstd", "zstd"}};
    if (::geteuid() != 0) {
        needed.emplace_back("newuidmap", "uidmap");
    }
    const auto missing = std::find_if(needed.begin(), needed.end(), [](const auto& program) {
        return !find_program(program.first);
    });
    return missing == needed.end() ? std::nullopt : std::optional(*missing);
}

ports::ContainerSupport CrunContainers::probe() const {
    if (const auto missing = missing_program()) {
        return {false, missing->first + " is not installed", "apt-get install " + missing->second};
    }
    try {
        const auto result = Probe(trees_).run();
        if (result.end == CommandEnd::exited && result.exit_code == 0) {
            return {true, "a container of crun ran here", ""};
        }
        return {false, "a container could not write over its layers", fix_of_hosts};
    } catch (...) {
        return {false, current_error().what(), fix_of_hosts};
    }
}

} // namespace

std::unique_ptr<ports::Containers> make_crun_containers(const fs::path& trees) {
    return std::make_unique<CrunContainers>(trees);
}

} // namespace lab::adapters
