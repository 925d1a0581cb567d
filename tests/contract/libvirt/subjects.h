// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/libvirt/hypervisor.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/ids.h"
#include "ports/hypervisor.h"
#include "tests/contract/libvirt/tiny_guest.h"
#include "tests/fakes/fake_hypervisor.h"

#include <memory>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>

namespace lab::test {

using adapters::Accelerator;
using adapters::LibvirtOptions;
using adapters::make_libvirt_hypervisor;

/// Waits for a condition that another process brings about; false after 20 s.
template <class Condition>
bool eventually(const Condition& condition) {
    const auto deadline = Deadline::in(std::chrono::seconds(20));
    while (!condition()) {
        if (deadline.passed()) {
            return false;
        }
        lab::sleep_for(std::chrono::milliseconds(10), {});
    }
    return true;
}

/// Lets the embedded drivers of all tests share what libvirt found out about QEMU: it takes
/// seconds.
inline void share_capability_cache(const std::filesystem::path& state_directory) {
    const auto shared = std::filesystem::current_path() / "libvirt-cache";
    make_directory(shared);
    make_directory(state_directory / "e");
    std::filesystem::create_directory_symlink(shared, state_directory / "e" / "cache");
}

/// Spec of a tiny guest whose files lie in `directory`.
inline ports::MachineSpec tiny_spec(const std::filesystem::path& directory,
                                    const std::string& name) {
    ports::MachineSpec spec;
    spec.uuid = new_uuid();
    spec.name = name;
    spec.memory = mebibytes(16);
    const auto disk = directory / (name + ".raw");
    write_tiny_disk(disk);
    spec.disks.push_back({disk, plan::ImageFormat::raw});
    spec.console_log = directory / (name + ".log");
    spec.console_socket = directory / (name + ".sock");
    return spec;
}

inline std::string console_log(const ports::MachineSpec& spec) {
    return std::filesystem::exists(spec.console_log) ? read_file(spec.console_log) : "";
}

inline FileDescriptor connect_console(const ports::MachineSpec& spec) {
    FileDescriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    spec.console_socket.string().copy(&address.sun_path[0], sizeof address.sun_path - 1);
    // The C API wants the general address type.
    const auto* general = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (::connect(descriptor.get(), general, sizeof address) != 0) {
        throw errno_error("connect to", spec.console_socket.string());
    }
    return descriptor;
}

/// The fake, with the same handles as the real one.
class FakeSubject {
public:
    FakeSubject() : directory_("/tmp", "lab-") {}

    ports::Hypervisor& hypervisor() { return hypervisor_; }

    ports::MachineSpec spec(const std::string& name) { return tiny_spec(directory_.path(), name); }

    void end_by_itself(const ports::MachineSpec& spec) { hypervisor_.end_by_itself(spec.uuid); }

private:
    TemporaryDirectory directory_;
    fakes::FakeHypervisor hypervisor_;
};

/// libvirt's embedded QEMU driver. A process can have one root only, so all tests share it.
class EmbeddedSubject {
public:
    EmbeddedSubject() {
        if (!shared()) {
            share_capability_cache(directory());
            shared() = make_libvirt_hypervisor(options());
        }
    }

    EmbeddedSubject(const EmbeddedSubject&) = delete;
    EmbeddedSubject& operator=(const EmbeddedSubject&) = delete;

    ~EmbeddedSubject() {
        if (shared()) {
            for (const auto& uuid : shared()->list()) {
                shared()->destroy(uuid);
            }
        }
    }

    static LibvirtOptions options() { return {"", directory(), Accelerator::tcg}; }

    static const std::filesystem::path& directory() {
        static const TemporaryDirectory made("/tmp", "lab-");
        return made.path();
    }

    ports::Hypervisor& hypervisor() { return *shared(); }

    ports::MachineSpec spec(const std::string& name) { return tiny_spec(directory(), name); }

    void end_by_itself(const ports::MachineSpec& spec) {
        if (!eventually([&] { return console_log(spec).ends_with(tiny_mark); })) {
            throw Error(ErrorCode::infra, spec.name + ": the tiny guest did not come up");
        }
        const auto console = connect_console(spec);
        static_cast<void>(!::write(console.get(), &tiny_reset, 1));
        // QEMU drops what a client sent before it hung up.
        static_cast<void>(
            eventually([&] { return hypervisor().state(spec.uuid) == ports::MachineState::gone; }));
    }

private:
    static std::unique_ptr<ports::Hypervisor>& shared() {
        static_cast<void>(directory()); // made first, so removed last
        static std::unique_ptr<ports::Hypervisor> instance;
        return instance;
    }
};

} // namespace lab::test
