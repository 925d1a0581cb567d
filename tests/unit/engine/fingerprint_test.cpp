// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/fingerprint.h"

#include <gtest/gtest.h>
#include <map>

namespace lab::engine {
namespace {

/// Asks a machine that knows the commands of a table and fails the others.
Fingerprint of(const std::map<std::string, std::string>& answers) {
    return read_fingerprint([&](const std::string& command) {
        const auto found = answers.find(command);
        ports::CommandResult result;
        result.exit_code = found == answers.end() ? 127 : 0;
        result.output = found == answers.end() ? "not found" : found->second;
        return result;
    });
}

TEST(Fingerprint, IsReadFromLinux) {
    const auto made =
        of({{"uname -n", "box\n"},
            {"uname -m", "x86_64\n"},
            {"uname -s", "Linux\n"},
            {"uname -r", "6.1.0-18-amd64\n"},
            {"cat /sys/class/dmi/id/sys_vendor", "Maker Inc.\n"},
            {"cat /sys/class/dmi/id/product_name", "Model 7\n"},
            {"cat /proc/meminfo", "MemFree: 1 kB\nMemTotal:       16384 kB\n"},
            {"cat /proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU\ncpu MHz\t\t: 2000.1\n\n"
                                  "processor\t: 1\nmodel name\t: A CPU\nflags\t\t: fpu vme\n"},
            {"cat /etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"}});
    EXPECT_EQ(made.hardware.host_name, "box");
    EXPECT_EQ(made.hardware.architecture, "x86_64");
    EXPECT_EQ(made.hardware.vendor_name, "Maker Inc.");
    EXPECT_EQ(made.hardware.product_name, "Model 7");
    EXPECT_EQ(made.hardware.memory, 16384 * 1024);
    EXPECT_EQ(made.hardware.cpu_count, 2);
    ASSERT_EQ(made.hardware.cpus.size(), 2U);
    EXPECT_EQ(made.hardware.cpus[0].description,
              (std::map<std::string, std::string>{{"model name", "A CPU"}}));
    EXPECT_EQ(made.hardware.cpus[1].description.at("flags"), "fpu vme");
    EXPECT_EQ(made.kernel_name, "Linux 6.1.0-18-amd64");
    EXPECT_EQ(made.userspace_name, "Debian GNU/Linux 12");
}

TEST(Fingerprint, IsReadFromFreeBsd) {
    const auto made = of({{"uname -n", "beastie\n"},
                          {"uname -m", "arm64\n"},
                          {"uname -s", "FreeBSD\n"},
                          {"uname -r", "14.0-RELEASE\n"},
                          {"kenv smbios.system.maker", "QEMU\n"},
                          {"kenv smbios.system.product", "KVM Virtual Machine\n"},
                          {"sysctl -n hw.physmem", "4294967296\n"},
                          {"sysctl -n hw.ncpu", "4\n"},
                          {"sysctl -n hw.model", "ARM Cortex-A72\n"}});
    EXPECT_EQ(made.hardware.product_name, "KVM Virtual Machine");
    EXPECT_EQ(made.hardware.memory, 4294967296);
    EXPECT_EQ(made.hardware.cpus.size(), 4U);
    EXPECT_EQ(made.kernel_name, "FreeBSD 14.0-RELEASE");
}

TEST(Fingerprint, SurvivesADurableStep) {
    const auto made = of({{"uname -m", "x86_64\n"},
                          {"cat /proc/meminfo", "MemTotal: 4 kB\n"},
                          {"cat /proc/cpuinfo", "processor : 0\nmodel name : A\n"},
                          {"cat /etc/os-release", "PRETTY_NAME=X\n"}});
    const auto again = fingerprint_from(nlohmann::json::parse(to_json(made).dump()));
    EXPECT_EQ(again.hardware, made.hardware);
    EXPECT_EQ(again.kernel_name, made.kernel_name);
    EXPECT_EQ(again.userspace_name, made.userspace_name);
}

TEST(Fingerprint, IsEmptyWhereAMachineTellsNothing) {
    const auto made = of({});
    EXPECT_EQ(made.hardware, ports::SutRecord{});
    EXPECT_EQ(made.kernel_name, "");
    EXPECT_EQ(made.userspace_name, "");
}

TEST(Fingerprint, TakesNoControlCharactersFromAMachine) {
    const auto made = of({{"uname -n", "a\x1b[31mb\xFF\n"}, {"uname -m", ""}});
    EXPECT_EQ(made.hardware.host_name.find('\x1b'), std::string::npos);
    EXPECT_EQ(made.hardware.host_name.find('\xFF'), std::string::npos);
}

} // namespace
} // namespace lab::engine
