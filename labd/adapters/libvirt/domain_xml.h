// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/hypervisor.h"

#include <string>
#include <string_view>

namespace lab::adapters {

/// Longest path of a unix socket in bytes: sockaddr_un's 108 without the final NUL.
inline constexpr std::size_t socket_path_limit = 107;

/// What every domain of this lab is called: this and the instance's name.
inline constexpr std::string_view domain_prefix = "lab-";

/// libvirt's domain description of an instance; `accelerator` is "kvm" or "tcg".
///
/// One machine for all guests: q35 without default devices, virtio disks, serial console on a unix
/// socket that is also written to the log, free hot-plug slots, and an end on reset or crash. Its
/// network lets nothing out unless spec.network is `outbound`.
/// @throws Error bad_input  when a text cannot stand in XML or the socket path is too long.
/// @note Pure, thread-safe. @see libvirt.org/formatdomain.html
[[nodiscard]] std::string domain_xml(const ports::MachineSpec& spec, std::string_view accelerator);

/// `text` with the five special characters of XML replaced.
/// @throws Error bad_input  for control characters and for bytes that are not UTF-8.
[[nodiscard]] std::string escape_xml(std::string_view text);

} // namespace lab::adapters
