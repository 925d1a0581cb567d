// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/domain_xml.h"

#include "adapters/libvirt/port_forward.h"
#include "base/error.h"
#include "base/text.h"

#include <vector>

namespace lab::adapters {
namespace {

/// Hot-plug slots beyond the devices an instance starts with.
constexpr unsigned spare_slots = 4;

std::string element(std::string_view name, std::string_view text) {
    return "<" + std::string(name) + ">" + escape_xml(text) + "</" + std::string(name) + ">";
}

std::string boot_xml(const ports::MachineSpec& spec) {
    std::string xml = "<os><type arch='x86_64' machine='q35'>hvm</type>";
    if (!spec.kernel) {
        return xml + "<boot dev='hd'/></os>";
    }
    xml += element("kernel", spec.kernel->kernel.string());
    if (!spec.kernel->initrd.empty()) {
        xml += element("initrd", spec.kernel->initrd.string());
    }
    return xml + element("cmdline", spec.kernel->cmdline) + "</os>";
}

/// "vda" ... "vdz", "vdaa" ...: names only; the order of the elements is what the guest sees.
std::string disk_name(std::size_t index) {
    std::string letters;
    for (auto rest = index + 1; rest > 0; rest = (rest - 1) / 26) {
        letters.insert(letters.begin(), static_cast<char>('a' + (rest - 1) % 26));
    }
    return "vd" + letters;
}

/// Root ports: the first one is the network card's, then come the disks and the random numbers.
constexpr std::size_t first_disk_bus = 2;

std::string pci_address(std::size_t bus) {
    return "<address type='pci' domain='0' bus='" + std::to_string(bus) +
           "' slot='0' function='0'/>";
}

/// error_policy: a host disk that is full pauses the guest instead of looking like the guest's
/// fault.
std::string disk_xml(const ports::Disk& disk, std::size_t index) {
    const bool raw = disk.format == plan::ImageFormat::raw;
    const bool throwaway = disk.cache == ports::DiskCache::throwaway;
    std::string xml = "<disk type='file' device='disk'><driver name='qemu' type='";
    xml += raw ? "raw" : "qcow2";
    xml += "' cache='";
    xml += throwaway ? "unsafe" : "writeback";
    xml += "' discard='unmap' error_policy='stop' rerror_policy='stop'/><source file='" +
           escape_xml(disk.path.string()) + "'/><target dev='" + disk_name(index) +
           "' bus='virtio'/>";
    if (disk.access == ports::DiskAccess::read_only) {
        xml += "<readonly/>";
    }
    return xml + pci_address(first_disk_bus + index) + "</disk>";
}

/// libvirt knows nothing of the network card, so nothing may be plugged into its port.
std::string root_ports_xml(const ports::MachineSpec& spec) {
    const auto last = first_disk_bus + spec.disks.size() + spare_slots;
    std::string xml = "<controller type='pci' index='0' model='pcie-root'/>"
                      "<controller type='pci' index='1' model='pcie-root-port'>"
                      "<target hotplug='off'/></controller>";
    for (auto index = first_disk_bus; index <= last; ++index) {
        xml +=
            "<controller type='pci' index='" + std::to_string(index) + "' model='pcie-root-port'/>";
    }
    return xml;
}

std::string console_xml(const ports::MachineSpec& spec) {
    const auto socket = spec.console_socket.string();
    if (socket.size() > socket_path_limit) {
        throw Error(ErrorCode::bad_input,
                    socket + ": the path of the console socket has " +
                        std::to_string(socket.size()) + " bytes (at most " +
                        std::to_string(socket_path_limit) + ")",
                    "Choose a shorter LAB_HOME.");
    }
    return "<serial type='unix'><source mode='bind' path='" + escape_xml(socket) +
           "'/><log file='" + escape_xml(spec.console_log.string()) +
           "' append='on'/><target type='isa-serial' port='0'/></serial>";
}

std::string devices_xml(const ports::MachineSpec& spec) {
    std::string xml = "<devices>" + root_ports_xml(spec) + "<controller type='usb' model='none'/>";
    for (std::size_t index = 0; index < spec.disks.size(); ++index) {
        xml += disk_xml(spec.disks[index], index);
    }
    return xml + console_xml(spec) +
           "<rng model='virtio'><backend model='random'>/dev/urandom</backend>" +
           pci_address(first_disk_bus + spec.disks.size()) +
           "</rng><memballoon model='none'/><panic model='isa'/></devices>";
}

constexpr std::string_view kvm_cpu_xml = "<cpu mode='host-passthrough'/>";

/// Richer models are slower to emulate; RDRAND saves sshd a second of waiting for randomness.
constexpr std::string_view tcg_cpu_xml =
    "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model>"
    "<feature policy='require' name='rdrand'/></cpu>";

/// restrict: without it a guest reaches whatever listens on the host's loopback (as 10.0.2.2), the
/// host's network and the metadata service of its cloud. IPv6 adds nothing then but attack surface.
constexpr std::string_view restriction = ",restrict=on,ipv6=off";

/// romfile: guests do not boot from the network. As JSON: QEMU makes devices in another form first,
/// before the root ports, which libvirt writes as JSON.
constexpr std::string_view network_card =
    R"({"driver":"virtio-net-pci","netdev":"hostnet0","id":"net0","bus":"pci.1","addr":"0x0",)"
    R"("romfile":""})";

/// What libvirt has no element for: a network of QEMU's that leads nowhere, and a clock that counts
/// instructions. shift=1: two nanoseconds an instruction, near what guests do here; sleep=off: an
/// idle guest does not wait.
std::string qemu_xml(const ports::MachineSpec& spec, bool count_instructions) {
    std::vector<std::string> words;
    if (spec.network != plan::NetworkKind::none) {
        auto netdev = "user,id=" + std::string(netdev_name);
        if (spec.network != plan::NetworkKind::outbound) {
            netdev += restriction;
        }
        words = {"-netdev", std::move(netdev), "-device", std::string(network_card)};
    }
    if (count_instructions) {
        words.insert(words.end(), {"-icount", "shift=1,sleep=off"});
    }
    std::string xml;
    for (const auto& word : words) {
        xml += "<qemu:arg value='" + escape_xml(word) + "'/>";
    }
    return words.empty() ? xml : "<qemu:commandline>" + xml + "</qemu:commandline>";
}

} // namespace

std::string escape_xml(std::string_view text) {
    if (to_valid_utf8(text) != text) {
        throw Error(ErrorCode::bad_input, escape_for_terminal(text) + ": is not UTF-8");
    }
    std::string escaped;
    for (const char byte : text) {
        if (static_cast<unsigned char>(byte) < 0x20) {
            throw Error(ErrorCode::bad_input,
                        escape_for_terminal(text) +
                            ": contains a control character (none is allowed)");
        }
        switch (byte) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '\'':
            escaped += "&apos;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        default:
            escaped += byte;
        }
    }
    return escaped;
}

std::string domain_xml(const ports::MachineSpec& spec, std::string_view accelerator) {
    const bool kvm = accelerator == "kvm";
    const bool count_instructions = !kvm && spec.clock == plan::GuestClock::instructions;
    return std::string("<domain type='") + (kvm ? "kvm" : "qemu") +
           "' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>" +
           element("name", std::string(domain_prefix) + spec.name) + element("uuid", spec.uuid) +
           "<memory unit='b'>" + std::to_string(spec.memory.count) + "</memory>" +
           element("vcpu", std::to_string(spec.cpus)) + boot_xml(spec) +
           "<features><acpi/><apic/></features>" + std::string(kvm ? kvm_cpu_xml : tcg_cpu_xml) +
           "<clock offset='utc'/><on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot>"
           "<on_crash>destroy</on_crash>" +
           devices_xml(spec) + qemu_xml(spec, count_instructions) + "</domain>";
}

} // namespace lab::adapters
