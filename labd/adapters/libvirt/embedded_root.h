// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lab::adapters {

/// Makes a directory that libvirt's QEMU driver can be embedded in and returns its connection URI.
/// @throws Error bad_input  when the path is relative or too long for QEMU's sockets below it.
[[nodiscard]] std::string prepare_embedded_root(const std::filesystem::path& root);

/// Removes the QEMU logs of all domains but the named ones.
void remove_logs_except(const std::filesystem::path& root, const std::vector<std::string>& names);

/// Whether the guests of a libvirt URI run on this host: it names no other one.
[[nodiscard]] bool uses_this_host(const std::string& uri);

} // namespace lab::adapters
