// SPDX-License-Identifier: Apache-2.0
#include "engine/console_monitor.h"

#include "base/files.h"
#include "tests/fakes/fake_cpu_placement.h"
#include "tests/fakes/fake_hypervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::engine {
namespace {

using testing::HasSubstr;

/// A guest whose console log holds its ready mark, and whose overlay takes 64 KiB.
class ConsoleMonitorTest : public testing::Test {
protected:
    ConsoleMonitorTest() {
        ports::MachineSpec spec;
        spec.uuid = "a";
        spec.name = "a";
        hypervisor_.start(spec);
        write_file(directory_.path() / "root.qcow2", std::string(64 << 10, 'x'));
    }

    [[nodiscard]] ConsoleMonitor monitor(const std::string& console, Bytes free) {
        write_file(directory_.path() / "console.log", console);
        return {hypervisor_,
                {directory_.path() / "console.log",
                 {},
                 "READY nonce",
                 host_.enter("a"),
                 {directory_.path() / "root.qcow2"},
                 [=](const auto&) {
                     return DiskRoom{mebibytes(1), free};
                 }}};
    }

    TemporaryDirectory directory_{"/tmp", "lab-"};
    fakes::FakeHypervisor hypervisor_;
    fakes::FakeCpuPlacement placement_;
    QuietHost host_{hypervisor_, placement_};
};

TEST_F(ConsoleMonitorTest, SeesTheReadyMark) {
    auto monitor = this->monitor("boot\nREADY nonce\n", mebibytes(1));

    EXPECT_TRUE(std::holds_alternative<BootReady>(monitor.wait_ready({})));
    EXPECT_FALSE(monitor.failure());
}

TEST_F(ConsoleMonitorTest, GuestThatFillsTheHostIsTheHostsTroubleAndNoOutcome) {
    auto monitor = this->monitor("boot\n", Bytes{16 << 10});
    hypervisor_.end_by_itself("a"); // as QEMU may beyond its largest file

    try {
        static_cast<void>(monitor.wait_ready({}));
        FAIL() << "a full disk became an outcome";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_THAT(error.what(), HasSubstr("ended before the disk is full: its files take"));
    }
    EXPECT_TRUE(monitor.down().stop_requested());
    EXPECT_THROW(static_cast<void>(monitor.failure()), Error);
}

/// Its state cannot be asked for: a library threw something of its own.
class TroubledHypervisor : public fakes::FakeHypervisor {
public:
    ports::MachineState state(const std::string&) override { throw std::out_of_range("x"); }
};

TEST_F(ConsoleMonitorTest, SurvivesWhatALibraryThrows) {
    TroubledHypervisor troubled;
    write_file(directory_.path() / "console.log", "boot\n");
    ConsoleMonitor monitor(troubled, {directory_.path() / "console.log",
                                      {},
                                      "READY nonce",
                                      host_.enter("a"),
                                      {directory_.path() / "root.qcow2"},
                                      [](const auto&) {
                                          return std::nullopt;
                                      }});

    try {
        static_cast<void>(monitor.wait_ready({}));
        FAIL() << "a foreign exception became an outcome";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
    }
}

} // namespace
} // namespace lab::engine
