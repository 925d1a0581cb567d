// SPDX-License-Identifier: Apache-2.0
#include "images/inject.h"

#include "base/error.h"
#include "base/files.h"
#include "images/initrd.h"

#include <algorithm>

namespace lab::images {
namespace {

constexpr Bytes largest_boot_file = mebibytes(512);

constexpr const char* authorized_keys = "/root/.ssh/authorized_keys";
constexpr const char* host_key = "/etc/ssh/ssh_host_ed25519_key";
constexpr const char* host_public_key = "/etc/ssh/ssh_host_ed25519_key.pub";
constexpr const char* init_file = "/sbin/lab-init";
constexpr const char* hostname_file = "/etc/hostname";
constexpr const char* hosts_file = "/etc/hosts";
constexpr const char* fstab_file = "/etc/fstab";
constexpr const char* resolver_file = "/etc/resolv.conf";
constexpr const char* machine_id_file = "/etc/machine-id";

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

const std::set<std::string>& injected_files() {
    // Of a merged /usr, too: there /sbin is a link.
    static const std::set<std::string> files{
        authorized_keys, host_key,   host_public_key, init_file,     "/usr/sbin/lab-init",
        hostname_file,   hosts_file, fstab_file,      resolver_file, machine_id_file};
    return files;
}

void inject_access(Appliance& appliance, const ports::RootRequest& request) {
    const auto& keys = request.keys;
    appliance.write(authorized_keys, keys.user_public_key + " lab\n", 0600);
    appliance.make_private("/root/.ssh");
    appliance.remove("/etc/ssh/ssh_host_*");
    appliance.write(host_key, read_file(keys.host_key), 0600);
    appliance.write(host_public_key, keys.host_public_key + "\n", 0644);
    if (request.machine.root.init) {
        appliance.write(init_file, request.machine.root.init->content, 0755);
    }
}

void inject_identity(Appliance& appliance, const plan::Template& machine) {
    appliance.write(hostname_file, machine.name + "\n", 0644);
    appliance.write(hosts_file, "127.0.0.1 localhost " + machine.name + "\n", 0644);
    appliance.write(fstab_file, "/dev/vda / ext4 rw,noatime 0 0\n", 0644);
    appliance.write(resolver_file, "nameserver 10.0.2.3\n", 0644);
    appliance.write(machine_id_file, "", 0644);
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
