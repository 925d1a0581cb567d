// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lab::images {

/// Where kernel and initrd of a root image come from and go to.
struct BootFilesRequest {
    std::filesystem::path root_tar;   ///< tar of a root file system with a kernel in boot/
    std::vector<std::string> modules; ///< modules the initrd loads, in this order
    std::filesystem::path kernel;     ///< file to write
    std::filesystem::path initrd;     ///< file to write
};

/// Takes the newest kernel out of a root file system and makes the initrd for it: the root's static
/// busybox, the modules with what they need, and a script that inserts them, mounts root= and
/// starts init= of the command line. Equal input gives equal bytes.
/// @return the kernel's version, for example "6.1.0-18-cloud-amd64"
/// @throws Error bad_input  when the tar lacks a kernel, busybox or a module.
std::string make_boot_files(const BootFilesRequest& request);

/// Version order of Debian and others: runs of digits compare as numbers.
[[nodiscard]] bool version_less(const std::string& a, const std::string& b);

} // namespace lab::images
