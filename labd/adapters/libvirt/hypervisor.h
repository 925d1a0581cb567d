// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/hypervisor.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lab::adapters {

enum class Accelerator {
    automatic, ///< KVM when a test guest comes up under it, else TCG
    kvm,
    tcg,
};

struct LibvirtOptions {
    /// Any libvirt URI; empty = libvirt's QEMU driver inside this process, rooted at
    /// `<state_dir>/e`.
    std::string uri = {};
    /// Absolute path. Embedded: at most 49 bytes, because QEMU's own sockets lie 58 bytes deeper.
    std::filesystem::path state_dir;
    Accelerator accelerator = Accelerator::automatic;
    /// Embedded: uuids of an earlier owner's guests that go on; its others are ended. Without a
    /// list all go on.
    std::optional<std::vector<std::string>> keep = {};
};

/// Connects to libvirt.
///
/// Embedded: guests outlive this object and even a killed process; the next one with the same
/// state_dir finds them again. One process a state_dir, one state_dir a process.
/// The accelerator is found out at the first start() or describe(): up to 10 s, then cached.
/// MachineState: instances are transient domains, so one that ended by itself is `gone` at once;
/// `stopped` is seen only on drivers that keep ended domains.
/// @throws Error conflict   when another process owns the state directory.
/// @throws Error bad_input  when the path of state_dir is too long.
/// @throws Error infra      when libvirt does not connect.
[[nodiscard]] std::unique_ptr<ports::Hypervisor>
make_libvirt_hypervisor(const LibvirtOptions& options);

} // namespace lab::adapters
