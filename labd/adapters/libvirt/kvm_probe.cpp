// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/kvm_probe.h"

#include "adapters/libvirt/probe_guest.h"
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/process.h"
#include "base/text.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/utsname.h>

namespace lab::adapters {
namespace {

constexpr const char* answer_usable = "usable";

/// First line of what a small file or program says; empty when it says nothing.
std::string first_line(std::string_view text) {
    return std::string(trim(text.substr(0, text.find('\n'))));
}

/// Changes whenever an earlier answer may have become wrong.
std::string fingerprint(const KvmProbe& probe) {
    utsname host{};
    ::uname(&host);
    ProcessSpec version;
    version.argv = {probe.emulator, "--version"};
    const auto boot = first_line(read_file("/proc/sys/kernel/random/boot_id", Bytes{256}));
    return boot + "|" + host.release + "|" + first_line(run_process_checked(version).out) + "|" +
           probe.accelerator + "|" + probe.cpu_model;
}

ProcessSpec guest_process(const KvmProbe& probe, const std::filesystem::path& disk) {
    ProcessSpec spec;
    spec.argv = {probe.emulator,
                 "-nodefaults",
                 "-no-user-config",
                 "-display",
                 "none",
                 "-m",
                 "16",
                 "-no-reboot",
                 "-machine",
                 "q35",
                 "-accel",
                 probe.accelerator,
                 "-cpu",
                 probe.cpu_model,
                 "-blockdev",
                 R"({"driver":"file","filename":")" + disk.string() +
                     R"(","node-name":"f","read-only":true})",
                 "-blockdev",
                 R"({"driver":"raw","file":"f","node-name":"d","read-only":true})",
                 "-device",
                 "virtio-blk-pci,drive=d",
                 "-debugcon",
                 "stdio",
                 "-device",
                 "isa-debug-exit,iobase=0xf4,iosize=1"};
    spec.timeout = probe.deadline;
    return spec;
}

/// Empty when the guest came through; else one clause that says what it did instead.
std::string run_guest(const KvmProbe& probe) {
    const TemporaryDirectory directory(probe.directory, "probe-");
    const auto disk = directory.path() / "disk";
    write_file(disk, probe_disk());
    const auto result = run_process(guest_process(probe, disk));
    if (result.timed_out) {
        return "a 64-bit test guest did not come up within " + format_duration(probe.deadline);
    }
    if (result.exit_code != probe_exit_code || result.out != probe_mark) {
        return "a 64-bit test guest failed (exit code " + std::to_string(result.exit_code) +
               "): " + cap(escape_for_terminal(first_line(trim(result.err))), 300);
    }
    return {};
}

KvmAnswer to_answer(const std::string& failure) {
    if (failure == answer_usable) {
        return {true, "A 64-bit test guest ran under KVM.", ""};
    }
    return {false, "KVM is there but does not work: " + failure + ".",
            "Run labd on a host whose hypervisor supports nested virtualization, and enable it "
            "there; lab doctor tries again after the next boot."};
}

std::string cached_or_run(const KvmProbe& probe) {
    make_directory(probe.directory);
    const auto key = fingerprint(probe);
    const auto file = probe.directory / "kvm-probe";
    if (std::filesystem::exists(file)) {
        const auto lines = split(read_file(file, Bytes{4096}), '\n');
        if (lines.size() >= 2 && lines[0] == key && !lines[1].empty()) {
            return lines[1];
        }
    }
    auto failure = run_guest(probe);
    if (failure.empty()) {
        failure = answer_usable;
    }
    write_file(file, key + "\n" + failure + "\n");
    return failure;
}

/// The device may belong to another group than Debian's "kvm".
std::string hint_for_group(const std::filesystem::path& device) {
    struct stat info {};
    const auto* const group =
        ::stat(device.c_str(), &info) == 0 ? ::getgrgid(info.st_gid) : nullptr;
    const std::string name = group != nullptr ? group->gr_name : "kvm";
    return "Add the user to the group " + name + " (adduser <user> " + name + ") and log in again.";
}

} // namespace

KvmAnswer probe_kvm(const KvmProbe& probe) {
    const FileDescriptor device(::open(probe.device.c_str(), O_RDWR | O_CLOEXEC));
    if (!device && errno == ENOENT) {
        return {false, "This host has no " + probe.device.string() + ".",
                "Enable virtualization in the firmware (or nested virtualization of the host's "
                "hypervisor) and load the kernel module kvm_intel or kvm_amd."};
    }
    if (!device && errno == EACCES) {
        return {false, "No permission to open " + probe.device.string() + ".",
                hint_for_group(probe.device)};
    }
    if (!device) {
        const std::string cause = std::generic_category().message(errno);
        return {false, "Cannot open " + probe.device.string() + ": " + cause + ".",
                "Load the kernel module kvm_intel or kvm_amd."};
    }
    return to_answer(cached_or_run(probe));
}

} // namespace lab::adapters
