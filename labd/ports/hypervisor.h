// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"
#include "plan/model.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lab::ports {

enum class DiskAccess { read_only, read_write };

/// What happens to a disk's data: `throwaway` roots need no flush, `durable` images do.
enum class DiskCache { throwaway, durable };

struct Disk {
    std::filesystem::path path;
    plan::ImageFormat format = plan::ImageFormat::qcow2;
    DiskAccess access = DiskAccess::read_write;
    DiskCache cache = DiskCache::throwaway;
};

/// Kernel, initrd and command line of a direct boot.
struct DirectKernel {
    std::filesystem::path kernel;
    std::filesystem::path initrd;
    std::string cmdline;
};

/// One instance to start. Disks appear in the guest in this order (vda, vdb, ...).
struct MachineSpec {
    std::string uuid;
    std::string name; ///< for people; unique among running instances
    unsigned cpus = 1;
    Bytes memory;
    std::vector<Disk> disks;
    std::optional<DirectKernel> kernel; ///< absent = firmware boot from the first disk
    plan::NetworkKind network = plan::NetworkKind::user;
    plan::GuestClock clock = plan::GuestClock::wall;
    std::optional<Bytes> largest_file = {}; ///< no file of the instance grows beyond; a disk that
                                            ///< would is a disk that fails
    std::filesystem::path console_log;      ///< every byte of the serial console; appended to
    std::filesystem::path console_socket; ///< unix socket of the serial console, at most 107 bytes
};

enum class MachineState {
    running,
    paused,
    stopped, ///< ended by itself: powered off, reset or crashed
    gone,    ///< no such instance
};

/// What guests run on.
struct HypervisorInfo {
    std::string accelerator; ///< "kvm" or "tcg"
    std::string reason;      ///< one sentence: why this accelerator
    std::string fix;         ///< what to do to get KVM; empty when it is in use
    std::string uri;
    std::string version; ///< "libvirt 9.0.0, QEMU 7.2.22"
};

/// Starts and ends virtual machines. Thread-safe; every failure is an infra Error.
class Hypervisor {
public:
    virtual ~Hypervisor() = default;

    /// Starts an instance that does not outlive its power-off. Disks must exist.
    virtual void start(const MachineSpec& spec) = 0;

    [[nodiscard]] virtual MachineState state(const std::string& uuid) = 0;

    /// Ends the instance at once; one that is gone is fine.
    virtual void destroy(const std::string& uuid) = 0;

    /// Uuids of all instances of this lab, also those an earlier process started.
    [[nodiscard]] virtual std::vector<std::string> list() = 0;

    /// Port on 127.0.0.1 that leads to `guest_port` (TCP); the host's kernel picks it.
    [[nodiscard]] virtual std::uint16_t forward_port(const std::string& uuid,
                                                     std::uint16_t guest_port) = 0;

    virtual void suspend(const std::string& uuid) = 0;
    virtual void resume(const std::string& uuid) = 0;

    [[nodiscard]] virtual HypervisorInfo describe() = 0;
};

} // namespace lab::ports
