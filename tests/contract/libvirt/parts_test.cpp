// SPDX-License-Identifier: Apache-2.0
// Parts of the libvirt adapter that need no guest of their own, and the KVM probe.
#include "adapters/libvirt/domain_xml.h"
#include "adapters/libvirt/hypervisor.h"
#include "adapters/libvirt/kvm_probe.h"
#include "adapters/libvirt/port_forward.h"
#include "base/error.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::adapters {
namespace {

using testing::HasSubstr;
using testing::Not;

ports::MachineSpec some_spec() {
    ports::MachineSpec spec;
    spec.uuid = "00000000-0000-4000-8000-000000000001";
    spec.name = "one";
    spec.memory = mebibytes(64);
    spec.disks.push_back({"/images/a&b's <1>.qcow2", plan::ImageFormat::qcow2});
    spec.console_log = "/run/one.log";
    spec.console_socket = "/run/one.sock";
    return spec;
}

TEST(DomainXml, EscapesForeignText) {
    auto spec = some_spec();
    spec.kernel = ports::DirectKernel{"/k", "/i", "a=\"<&>\""};

    const auto xml = domain_xml(spec, "tcg");

    EXPECT_THAT(xml, HasSubstr("/images/a&amp;b&apos;s &lt;1&gt;.qcow2"));
    EXPECT_THAT(xml, HasSubstr("<cmdline>a=&quot;&lt;&amp;&gt;&quot;</cmdline>"));
}

TEST(DomainXml, RefusesControlCharactersAndBadUtf8) {
    auto newline = some_spec();
    newline.name = "one\ntwo";
    auto bytes = some_spec();
    bytes.console_log = "/run/\xff.log";

    EXPECT_THROW(static_cast<void>(domain_xml(newline, "tcg")), Error);
    EXPECT_THROW(static_cast<void>(domain_xml(bytes, "tcg")), Error);
}

TEST(DomainXml, NamesFormatAndCacheOfEveryDisk) {
    auto spec = some_spec();
    spec.disks.push_back({"/images/tar", plan::ImageFormat::raw, ports::DiskAccess::read_only,
                          ports::DiskCache::durable});

    const auto xml = domain_xml(spec, "tcg");

    EXPECT_THAT(xml, HasSubstr("type='qcow2' cache='unsafe'"));
    EXPECT_THAT(xml, HasSubstr("type='raw' cache='writeback'"));
    EXPECT_THAT(xml, HasSubstr("<source file='/images/tar'/><target dev='vdb' bus='virtio'/>"
                               "<readonly/>"));
}

TEST(DomainXml, HostCpuOnlyUnderKvm) {
    EXPECT_THAT(domain_xml(some_spec(), "kvm"), HasSubstr("<domain type='kvm'"));
    EXPECT_THAT(domain_xml(some_spec(), "kvm"), HasSubstr("host-passthrough"));
    EXPECT_THAT(domain_xml(some_spec(), "tcg"), HasSubstr("<domain type='qemu'"));
    EXPECT_THAT(domain_xml(some_spec(), "tcg"), Not(HasSubstr("host-passthrough")));
    EXPECT_THAT(domain_xml(some_spec(), "tcg"), HasSubstr("name='rdrand'"));
}

TEST(DomainXml, InstructionClockIsAnOptionOfQemu) {
    auto spec = some_spec();
    spec.clock = plan::GuestClock::instructions;

    EXPECT_THAT(domain_xml(spec, "tcg"), HasSubstr("<qemu:arg value='-icount'/>"));
    EXPECT_THAT(domain_xml(some_spec(), "tcg"), Not(HasSubstr("-icount")));
}

TEST(DomainXml, NetworkLeadsNowhereUnlessThatIsWanted) {
    auto outbound = some_spec();
    outbound.network = plan::NetworkKind::outbound;
    auto none = some_spec();
    none.network = plan::NetworkKind::none;

    EXPECT_THAT(domain_xml(some_spec(), "kvm"),
                HasSubstr("'user,id=hostnet0,restrict=on,ipv6=off'"));
    EXPECT_THAT(domain_xml(outbound, "kvm"), HasSubstr("'user,id=hostnet0'"));
    EXPECT_THAT(domain_xml(none, "kvm"), Not(HasSubstr("-netdev")));
}

TEST(PortForward, ReadsThePortFromUsernet) {
    constexpr const char* usernet =
        "Hub -1 (hostnet0):\r\n"
        "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r\n"
        "  TCP[ESTABLISHED]   30       127.0.0.1 40001       10.0.2.15    22     0     0\r\n"
        "  TCP[HOST_FORWARD]  28       127.0.0.1 36011       10.0.2.15    22     0     0\r\n";

    EXPECT_EQ(forwarded_port(usernet, 22), 36011);
    EXPECT_EQ(forwarded_port(usernet, 80), std::nullopt);
    EXPECT_EQ(forwarded_port("TCP[HOST_FORWARD] x", 22), std::nullopt);
}

TEST(PortForward, RefusalQuotesQemu) {
    const auto monitor = [](const std::string& command) -> std::string {
        return command.starts_with("hostfwd_add") ? "no such netdev\x1b[2J" : "";
    };

    try {
        static_cast<void>(forward_by_monitor(monitor, "one", 22));
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("one: cannot forward port 22: no such netdev\\x1b[2J"));
    }
}

TEST(KvmProbe, GuestComesUpUnderTcgAndTheAnswerIsKept) {
    const TemporaryDirectory directory("/tmp", "lab-");
    KvmProbe probe;
    probe.device = "/dev/null"; // stands for a device that opens
    probe.directory = directory.path();
    probe.accelerator = "tcg";
    probe.cpu_model = "qemu64";
    probe.deadline = std::chrono::seconds(60);

    const auto answer = probe_kvm(probe);
    const auto kept = read_file(directory.path() / "kvm-probe");

    EXPECT_TRUE(answer.usable) << answer.reason;
    EXPECT_TRUE(answer.fix.empty());
    EXPECT_THAT(kept, HasSubstr("\nusable\n"));
}

TEST(KvmProbe, GuestThatDoesNotComeUpInTimeMeansNoKvm) {
    const TemporaryDirectory directory("/tmp", "lab-");
    KvmProbe probe;
    probe.device = "/dev/null";
    probe.directory = directory.path();
    probe.accelerator = "tcg";
    probe.cpu_model = "qemu64";
    probe.deadline = std::chrono::milliseconds(20);

    const auto answer = probe_kvm(probe);
    probe.deadline = std::chrono::seconds(60);
    const auto again = probe_kvm(probe);

    EXPECT_FALSE(answer.usable);
    EXPECT_THAT(answer.reason, HasSubstr("did not come up within"));
    EXPECT_FALSE(answer.fix.empty());
    EXPECT_EQ(again.reason, answer.reason) << "the answer was not kept";
}

TEST(KvmProbe, WithoutADeviceNothingIsStarted) {
    const TemporaryDirectory directory("/tmp", "lab-");
    KvmProbe probe;
    probe.device = directory.path() / "kvm";
    probe.directory = directory.path();
    probe.emulator = "/bin/false";

    const auto answer = probe_kvm(probe);

    EXPECT_FALSE(answer.usable);
    EXPECT_THAT(answer.reason, HasSubstr("This host has no"));
}

TEST(LibvirtErrors, OtherDriversAnswerInTheSameWay) {
    const auto hypervisor = make_libvirt_hypervisor({"test:///default", "/tmp", Accelerator::tcg});
    const auto unknown = some_spec().uuid;

    EXPECT_EQ(hypervisor->state(unknown), ports::MachineState::gone);
    EXPECT_TRUE(hypervisor->list().empty()) << "a domain of somebody else is listed";
    try {
        hypervisor->suspend(unknown);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        EXPECT_THAT(error.what(), HasSubstr(unknown + ": cannot suspend: Domain not found"));
    }
}

TEST(LibvirtErrors, UnreachableHypervisorIsAnInfraErrorWithLibvirtsText) {
    try {
        static_cast<void>(make_libvirt_hypervisor({"nonsense:///x", "/tmp", Accelerator::tcg}));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_THAT(error.what(), HasSubstr("nonsense:///x: cannot connect: "));
    }
}

} // namespace
} // namespace lab::adapters
