// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/domain_xml.h"

#include "base/error.h"
#include "base/text.h"

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
    return xml + "</disk>";
}

/// Root ports are made by libvirt as devices need them; these stay free.
std::string spare_slots_xml(const ports::MachineSpec& spec) {
    const auto devices = spec.disks.size() + (spec.network == plan::NetworkKind::user ? 1 : 0) + 1;
    std::string xml = "<controller type='pci' index='0' model='pcie-root'/>";
    for (std::size_t index = 1; index <= devices + spare_slots; ++index) {
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
    std::string xml = "<devices>" + spare_slots_xml(spec) + "<controller type='usb' model='none'/>";
    for (std::size_t index = 0; index < spec.disks.size(); ++index) {
        xml += disk_xml(spec.disks[index], index);
    }
    if (spec.network == plan::NetworkKind::user) {
        xml += "<interface type='user'><model type='virtio'/></interface>";
    }
    return xml + console_xml(spec) +
           "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
           "<memballoon model='none'/><panic model='isa'/></devices>";
}

constexpr std::string_view kvm_cpu_xml = "<cpu mode='host-passthrough'/>";

/// Richer models are slower to emulate; RDRAND saves sshd a second of waiting for randomness.
constexpr std::string_view tcg_cpu_xml =
    "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model>"
    "<feature policy='require' name='rdrand'/></cpu>";

/// libvirt has no element for it. shift=1: two nanoseconds an instruction, near what guests do
/// here; sleep=off: an idle guest does not wait.
constexpr std::string_view instruction_clock_xml =
    "<qemu:commandline><qemu:arg value='-icount'/><qemu:arg value='shift=1,sleep=off'/>"
    "</qemu:commandline>";

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
           devices_xml(spec) +
           (count_instructions ? std::string(instruction_clock_xml) : std::string()) + "</domain>";
}

} // namespace lab::adapters
