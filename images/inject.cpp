// SPDX-License-Identifier: Apache-2.0
#include "images/inject.h"

#include "base/error.h"
#include "base/files.h"
#include "images/initrd.h"

#include <algorithm>

namespace lab::images {
namespace {

constexpr Bytes largest_boot_file = mebibytes(512);

/// "vmlinuz-6.1.0-18" -> "6.1.0-18"; "vmlinuz" -> "".
std::string version_of(const std::string& kernel) {
    const auto name = kernel.substr(kernel.rfind('/') + 1);
    const auto dash = name.find('-');
    return dash == std::string::npos ? std::string() : name.substr(dash + 1);
}

/// The names that Debian, Fedora, Arch and Alpine give the initrd of a kernel.
std::string initrd_for(Appliance& appliance, const std::string& version) {
    const auto suffix = version.empty() ? std::string() : "-" + version;
    for (const auto& name : {"/boot/initrd.img" + suffix, "/boot/initramfs" + suffix + ".img",
                             "/boot/initramfs" + suffix, "/boot/initrd" + suffix}) {
        if (!appliance.glob(name).empty()) {
            return name;
        }
    }
    throw Error(ErrorCode::bad_input,
                "root.import: the image holds no initrd for its kernel " + version);
}

} // namespace

void inject_access(Appliance& appliance, const ports::RootRequest& request) {
    const auto& keys = request.keys;
    appliance.write("/root/.ssh/authorized_keys", keys.user_public_key + " lab\n", 0600);
    appliance.make_private("/root/.ssh");
    appliance.remove("/etc/ssh/ssh_host_*");
    appliance.write("/etc/ssh/ssh_host_ed25519_key", read_file(keys.host_key), 0600);
    appliance.write("/etc/ssh/ssh_host_ed25519_key.pub", keys.host_public_key + "\n", 0644);
    if (request.machine.root.init) {
        appliance.write("/sbin/lab-init", request.machine.root.init->content, 0755);
    }
}

void inject_identity(Appliance& appliance, const plan::Template& machine) {
    appliance.write("/etc/hostname", machine.name + "\n", 0644);
    appliance.write("/etc/hosts", "127.0.0.1 localhost " + machine.name + "\n", 0644);
    appliance.write("/etc/fstab", "/dev/vda / ext4 rw,noatime 0 0\n", 0644);
    appliance.write("/etc/resolv.conf", "nameserver 10.0.2.3\n", 0644);
    appliance.write("/etc/machine-id", "", 0644);
    appliance.remove("/var/lib/dbus/machine-id");
}

void extract_kernel(Appliance& appliance, const std::filesystem::path& kernel,
                    const std::filesystem::path& initrd) {
    const auto kernels = appliance.glob("/boot/vmlinuz*");
    if (kernels.empty()) {
        throw Error(ErrorCode::bad_input,
                    "root.import: the image holds no /boot/vmlinuz* (needed for a direct boot)");
    }
    const auto newest = *std::max_element(kernels.begin(), kernels.end(),
                                          [](const std::string& a, const std::string& b) {
                                              return version_less(version_of(a), version_of(b));
                                          });
    appliance.download(newest, kernel, largest_boot_file);
    appliance.download(initrd_for(appliance, version_of(newest)), initrd, largest_boot_file);
}

} // namespace lab::images
