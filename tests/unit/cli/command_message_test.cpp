// SPDX-License-Identifier: Apache-2.0
#include "cli/command_message.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

CommandEnd ended(int exit_code) {
    CommandEnd end;
    end.exit_code = exit_code;
    end.duration = 185s;
    return end;
}

TEST(LastLines, AreThoseAtTheEnd) {
    EXPECT_EQ(last_lines("a\nb\nc\n\n", 2), "b\nc");
    EXPECT_EQ(last_lines("a\nb", 5), "a\nb");
    EXPECT_EQ(last_lines("\n\n", 3), "");
    EXPECT_EQ(last_lines("", 3), "");
}

TEST(TerminalSequences, AreTakenOut) {
    EXPECT_EQ(without_terminal_sequences("\x1B[1;31mred\x1B[0m \x1B]0;title\x07x\x1B]8;;u\x1B\\y"),
              "red xy");
    EXPECT_EQ(without_terminal_sequences("\xFF\x1B[Kz"), "\xFFz");
}

TEST(CommandMessage, SaysHowItEndedAndHowLongItTook) {
    const auto message = command_message({"make", "a b"}, ended(0), "", "tail");

    EXPECT_EQ(message.title, "done: make 'a b'");
    EXPECT_EQ(message.text, "make 'a b'\nexit code 0 after 3 min 05 s on " + message.host);
    EXPECT_EQ(message.urgency, notify::Urgency::normal);
    EXPECT_EQ(message.facts["duration_ms"], 185000);
    EXPECT_EQ(message.facts["signal"], nullptr);
}

TEST(CommandMessage, EndsWithTheLastLinesOfAFailure) {
    const auto message = command_message({"make"}, ended(2), "mine", "x.c:1: error");

    EXPECT_EQ(message.title, "mine");
    EXPECT_TRUE(message.text.ends_with("\n\nx.c:1: error"));
    EXPECT_EQ(message.urgency, notify::Urgency::high);
}

TEST(CommandMessage, NamesTheSignal) {
    auto end = ended(137);
    end.signal = SIGKILL;

    const auto message = command_message({"make"}, end, "", "");

    EXPECT_EQ(message.title, "failed (killed by SIGKILL): make");
    EXPECT_EQ(message.facts["signal"], SIGKILL);
}

TEST(CommandMessage, HoldsForeignBytesAsJsonCanCarryThem) {
    const auto message = command_message({"\xFF\xFE"}, ended(1), "", "");

    EXPECT_NO_THROW(static_cast<void>(message.facts.dump()));
}

} // namespace
} // namespace lab::cli
