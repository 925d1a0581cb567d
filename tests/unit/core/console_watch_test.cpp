// SPDX-License-Identifier: Apache-2.0
#include "core/console_watch.h"

#include <gtest/gtest.h>

#include <random>

namespace lab::core {
namespace {

using State = ConsoleWatch::State;

const std::string mark = "LAB-READY 5f3a";
const std::vector<std::string> patterns{"Kernel panic - not syncing", "BUG: .*NULL pointer"};

ConsoleWatch watch() {
    return value_or_throw(ConsoleWatch::create(mark, patterns));
}

State state_after(const std::string& bytes) {
    auto console = watch();
    console.feed(bytes);
    return console.state();
}

TEST(ConsoleWatch, IsReadyOnlyByAWholeLine) {
    EXPECT_EQ(state_after("boot\r\nLAB-READY 5f3a\r\n"), State::ready);
    EXPECT_EQ(state_after("  LAB-READY 5f3a \t\r\r\n"), State::ready);
    EXPECT_EQ(state_after("LAB-READY 5f3a"), State::waiting);
    EXPECT_EQ(state_after("LAB-READY 5f3a0\n"), State::waiting);
    EXPECT_EQ(state_after("echo LAB-READY 5f3a\n"), State::waiting);
    EXPECT_EQ(state_after("LAB-READY {nonce}\nLAB-READY \n"), State::waiting);
    EXPECT_EQ(state_after(std::string(console_line_limit, ' ') + mark + "\n"), State::waiting);
}

TEST(ConsoleWatch, SeesACrashBeforeAndBehindTheMark) {
    auto console = watch();
    console.feed(mark + "\n[   12.345678] Kernel panic - not syncing: Fatal exception\n");

    EXPECT_EQ(console.state(), State::crashed);
    EXPECT_TRUE(console.was_ready());
    ASSERT_TRUE(console.crash());
    EXPECT_EQ(console.crash()->signature, "Kernel panic - not syncing: Fatal exception");
    EXPECT_EQ(console.crash()->line, "[   12.345678] Kernel panic - not syncing: Fatal exception");
}

TEST(ConsoleWatch, KeepsTheFirstCrash) {
    auto console = watch();
    console.feed("BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
                 "Kernel panic - not syncing: Fatal exception\n");

    EXPECT_EQ(console.crash()->signature, "BUG: kernel NULL pointer dereference, address: #");
}

TEST(ConsoleWatch, DoesNotCareHowTheBytesAreCut) {
    const std::string text =
        "noise \x01\xff\n" + mark + "\r\n[    1.5] BUG: a NULL pointer at 0xdead\n";
    std::mt19937 random(4);
    for (int round = 0; round < 200; ++round) {
        auto console = watch();
        for (std::size_t at = 0; at < text.size();) {
            const auto length = 1 + random() % 7;
            console.feed(std::string_view(text).substr(at, length));
            at += length;
        }
        ASSERT_TRUE(console.was_ready());
        ASSERT_EQ(console.crash()->signature, "BUG: a NULL pointer at #");
    }
}

TEST(ConsoleWatch, SurvivesAnythingAtBoundedSize) {
    auto console = watch();
    console.feed(std::string(1 << 20, 'x'));
    console.feed(std::string_view("\0\n", 2));
    console.feed("\x1b[31mKernel panic - not syncing: \xc3\x28\x1b]0;owned\a" +
                 std::string(100'000, 'A') + "\n");

    ASSERT_EQ(console.state(), State::crashed);
    EXPECT_LE(console.crash()->signature.size(), signature_limit);
    EXPECT_EQ(console.crash()->signature.find('\x1b'), std::string::npos);
    EXPECT_EQ(console.crash()->line.find('\x1b'), std::string::npos);
    EXPECT_LE(console.crash()->line.size(), console_line_limit + 3);
}

TEST(ConsoleWatch, ChecksItsPatterns) {
    const auto problems = check_crash_patterns(
        {"fine", "(", "", ".*", "a{1001}", std::string(600, 'a')}, "boot.crash");

    ASSERT_EQ(problems.size(), 5U);
    EXPECT_EQ(problems[0].where, "boot.crash[1]");
    EXPECT_EQ(problems[0].message, "'(' is no regular expression: missing ): ( (RE2 syntax)");
    EXPECT_NE(problems[2].message.find("matches an empty line"), std::string::npos);
    EXPECT_EQ(problems[4].where, "boot.crash[5]");
    EXPECT_EQ(check_crash_patterns(std::vector<std::string>(65, "x"), "c").size(), 1U);
    EXPECT_FALSE(ConsoleWatch::create(mark, {"["}).has_value());
}

struct SignatureCase {
    const char* name;
    const char* one;
    const char* other;
};

void PrintTo(const SignatureCase& row, std::ostream* out) {
    *out << row.name;
}

class CrashSignature : public testing::TestWithParam<SignatureCase> {};

TEST_P(CrashSignature, IsTheSameForTheSameCrashOnAnotherBoot) {
    EXPECT_EQ(crash_signature(GetParam().one), crash_signature(GetParam().other));
}

INSTANTIATE_TEST_SUITE_P(
    Boots, CrashSignature,
    testing::Values(SignatureCase{"TimeStamp", "[    1.234567] Kernel panic - not syncing: VFS",
                                  "[   91.000001] Kernel panic - not syncing: VFS"},
                    SignatureCase{"Caller", "[    1.2][    T1] Oops: 0002 [#1] SMP",
                                  "[    1.3][   T27] Oops: 0002 [#1] SMP"},
                    SignatureCase{"Address",
                                  "BUG: unable to handle page fault for address: ffffffffc0401020",
                                  "BUG: unable to handle page fault for address: ffff88800abcdeff"},
                    SignatureCase{"CpuAndPid", "CPU: 0 PID: 1 Comm: init Not tainted",
                                  "CPU: 1 PID:   312 Comm: init Not tainted"},
                    SignatureCase{"Offset", "RIP: 0010:pebble_ioctl+0x1c/0x30 [pebble]",
                                  "RIP: 0010:pebble_ioctl+0x9c/0x130 [pebble]"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(CrashSignatures, DifferForDifferentCrashes) {
    EXPECT_NE(crash_signature("Kernel panic - not syncing: VFS: Unable to mount root fs"),
              crash_signature("Kernel panic - not syncing: Attempted to kill init!"));
    EXPECT_EQ(
        crash_signature("Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100"),
        "Kernel panic - not syncing: Attempted to kill init! exitcode=#");
}

} // namespace
} // namespace lab::core
