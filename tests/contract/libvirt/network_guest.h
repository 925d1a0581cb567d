// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "ports/hypervisor.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lab::test {

/// The last line of a network guest, after which it serves port 22.
inline constexpr std::string_view network_guest_is_done = "LAB-NET done";

/// What a network guest says to whoever connects to its port 22.
inline constexpr std::string_view network_guest_greeting = "hello from the guest\n";

/// Its init: calls one place after the other, then serves. A call that is not refused is over in
/// time because nc gives way to true, and nslookup to timeout.
inline constexpr std::string_view network_guest_init = R"(#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t devtmpfs devtmpfs /dev
$bb mount -t proc proc /proc
exec </dev/console >/dev/console 2>&1
while read -r module; do
	$bb insmod "/modules/$module"
done </modules/order
echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
$bb ifconfig lo 127.0.0.1 up
$bb ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
$bb ifconfig eth0 add fec0::15/64
$bb route add default gw 10.0.2.2
while read -r way host port; do
	case $way in
	tcp) $bb nc -w 5 "$host" "$port" -e /bin/true ;;
	udp) $bb timeout 3 $bb nslookup lab.test "$host" ;;
	esac
	echo "$way $host $port: $?"
done </calls
$bb nc -ll -p 22 -e /bin/greet &
echo "LAB-NET done"
while :; do
	$bb sleep 3600
done
)";

/// The newest kernel of this host that has its modules.
inline std::string installed_kernel() {
    std::set<std::string> versions;
    for (const auto& entry : std::filesystem::directory_iterator("/lib/modules")) {
        const auto version = entry.path().filename().string();
        if (std::filesystem::exists("/boot/vmlinuz-" + version)) {
            versions.insert(version);
        }
    }
    if (versions.empty()) {
        throw Error(ErrorCode::not_found, "/boot: holds no kernel (script/bootstrap installs one)");
    }
    return *versions.rbegin();
}

/// Copies the modules of a network card into an initrd's tree, with the order to load them in.
inline void add_network_modules(const std::filesystem::path& tree, const std::string& kernel) {
    const auto listed = run_process_checked(
        {.argv = {"modprobe", "-S", kernel, "--show-depends", "-a", "virtio_pci", "virtio_net"},
         .environment = {{"PATH", "/usr/sbin:/usr/bin"}}});
    std::filesystem::create_directory(tree / "modules");
    std::vector<std::string> order;
    for (const auto& line : split(listed.out, '\n')) {
        const auto words = split(trim(line), ' '); // insmod <file>
        const auto module =
            words.size() < 2 ? std::filesystem::path() : std::filesystem::path(words[1]);
        const auto name = module.filename().string();
        if (!name.empty() && std::find(order.begin(), order.end(), name) == order.end()) {
            std::filesystem::copy_file(module, tree / "modules" / name);
            order.push_back(name);
        }
    }
    write_file(tree / "modules" / "order", join(order, "\n") + "\n");
}

/// Writes kernel and initrd of a guest that tries to reach places and then serves port 22.
/// @param calls  lines "tcp <host> <port>" and "udp <host> 53", in the words of the guest
inline ports::DirectKernel write_network_guest(const std::filesystem::path& directory,
                                               const std::string& calls) {
    const auto kernel = installed_kernel();
    const auto tree = directory / "initrd-tree";
    for (const char* name : {"bin", "dev", "proc"}) {
        std::filesystem::create_directories(tree / name);
    }
    std::filesystem::copy_file("/bin/busybox", tree / "bin" / "busybox");
    std::filesystem::create_symlink("busybox", tree / "bin" / "true");
    write_file(tree / "calls", calls);
    write_file(tree / "init", network_guest_init);
    write_file(tree / "bin" / "greet", "#!/bin/busybox sh\nexec /bin/busybox echo '" +
                                           std::string(trim(network_guest_greeting)) + "'\n");
    for (const char* name : {"init", "bin/greet"}) {
        std::filesystem::permissions(tree / name, std::filesystem::perms::owner_all);
    }
    add_network_modules(tree, kernel);
    std::string names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tree)) {
        names += entry.path().lexically_relative(tree).string() + "\n";
    }
    const auto initrd = directory / "initrd";
    run_process_checked({.argv = {"cpio", "-o", "-H", "newc", "--quiet", "-F", initrd.string()},
                         .directory = tree,
                         .input = names});
    return {"/boot/vmlinuz-" + kernel, initrd,
            "console=ttyS0 net.ifnames=0 quiet panic=-1 mitigations=off"};
}

} // namespace lab::test
