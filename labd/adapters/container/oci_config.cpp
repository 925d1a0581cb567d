// SPDX-License-Identifier: Apache-2.0
#include "adapters/container/oci_config.h"

#include "adapters/container/seccomp_filter.h"
#include "base/json.h"
#include "base/text.h"

namespace lab::adapters {
namespace {

using Json = nlohmann::json;

Json mount(const char* target, const char* type, std::vector<std::string> options) {
    return {{"destination", target}, {"type", type}, {"source", type}, {"options", options}};
}

Json mounts_of(const OciRequest& request) {
    auto mounts = Json::array(
        {mount("/proc", "proc", {"nosuid", "noexec", "nodev"}),
         mount("/dev", "tmpfs", {"nosuid", "noexec", "strictatime", "mode=755", "size=65536k"}),
         mount("/dev/pts", "devpts",
               {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}),
         mount("/dev/shm", "tmpfs", {"nosuid", "nodev", "mode=1777"}),
         mount("/tmp", "tmpfs", {"nosuid", "nodev", "mode=1777"}),
         mount("/var/tmp", "tmpfs", {"nosuid", "nodev", "mode=1777"}),
         mount("/run", "tmpfs", {"nosuid", "nodev", "mode=755"})});
    for (const auto& overlay : request.overlays) {
        std::vector<std::string> options{"nosuid", "nodev", "userxattr",
                                         "lowerdir=" + join(overlay.layers, ":")};
        if (overlay.upper.empty()) {
            options.emplace_back("ro");
        } else {
            options.insert(options.end(), {"upperdir=" + overlay.upper, "workdir=" + overlay.work});
        }
        mounts.push_back(mount(overlay.target.c_str(), "overlay", std::move(options)));
    }
    for (const auto& bind : request.binds) {
        mounts.push_back({{"destination", bind.target},
                          {"type", "bind"},
                          {"source", bind.source},
                          {"options", {"bind", bind.writable ? "rw" : "ro", "nosuid", "nodev"}}});
    }
    return mounts;
}

Json limits_of(const OciLimits& limits) {
    auto all = Json::array();
    const auto add = [&](const char* type, std::optional<std::uint64_t> value) {
        if (value) {
            all.push_back({{"type", type}, {"soft", *value}, {"hard", *value}});
        }
    };
    add("RLIMIT_CORE", 0);
    add("RLIMIT_DATA", limits.memory);
    add("RLIMIT_FSIZE", limits.file_size);
    add("RLIMIT_NPROC", limits.processes);
    return all;
}

/// As a session by SSH has it in a machine.
Json process_of(const OciRequest& request) {
    // To give files to others, and to act as they; nothing that concerns the host.
    const std::vector<std::string> capabilities{"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER",
                                                "CAP_FSETID", "CAP_KILL",         "CAP_SETGID",
                                                "CAP_SETUID", "CAP_SETPCAP",      "CAP_SYS_CHROOT"};
    Json sets;
    for (const char* set : {"bounding", "effective", "permitted"}) {
        sets[set] = capabilities;
    }
    return {{"terminal", false},
            {"user", {{"uid", 0}, {"gid", 0}, {"umask", 022}}},
            {"args", request.argv},
            {"env",
             {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
              "USER=root", "LOGNAME=root", "SHELL=/bin/sh"}},
            {"cwd", "/root"},
            {"noNewPrivileges", true},
            {"capabilities", sets},
            {"rlimits", limits_of(request.limits)}};
}

Json linux_of(const OciRequest& request) {
    auto namespaces = Json::array();
    for (const char* type : {"pid", "mount", "ipc", "uts", "user", "network"}) {
        namespaces.push_back({{"type", type}});
    }
    auto ids = Json::array();
    for (const auto& range : request.ids) {
        ids.push_back(
            {{"containerID", range.inside}, {"hostID", range.outside}, {"size", range.count}});
    }
    return {{"namespaces", namespaces},
            {"uidMappings", ids},
            {"gidMappings", ids},
            {"maskedPaths",
             {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
              "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug"}},
            {"readonlyPaths",
             {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}},
            {"seccomp", Json::parse(seccomp_filter())}};
}

} // namespace

std::string oci_config(const OciRequest& request) {
    return json_text({{"ociVersion", "1.0.2"},
                      {"hostname", "lab"},
                      {"process", process_of(request)},
                      {"root", {{"path", request.root}, {"readonly", true}}},
                      {"mounts", mounts_of(request)},
                      {"linux", linux_of(request)}});
}

} // namespace lab::adapters
