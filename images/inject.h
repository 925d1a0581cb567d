// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "images/guestfs.h"
#include "ports/image_store.h"

#include <filesystem>
#include <set>
#include <string>

namespace lab::images {

/// Puts what makes a root a machine of this lab into its mounted file system: the key that may log
/// in, the SSH host key, and the template's init.
void inject_access(Appliance& appliance, const ports::RootRequest& request);

/// Names the machine and leaves it to init to mount: hostname, fstab, no machine id.
void inject_identity(Appliance& appliance, const plan::Template& machine);

/// Files that the two above write, and that the kept files of a root have otherwise or not at all.
[[nodiscard]] const std::set<std::string>& injected_files();

/// Copies the newest kernel of the mounted system and its initrd out to the host.
/// @throws Error bad_input  when there is no kernel, or no initrd for it.
void extract_kernel(Appliance& appliance, const std::filesystem::path& kernel,
                    const std::filesystem::path& initrd);

} // namespace lab::images
