// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"
#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace lab {
namespace {

using testing::ElementsAre;

const std::string replacement = "\xEF\xBF\xBD";

TEST(EscapeForTerminal, LeavesPlainTextAlone) {
    EXPECT_EQ(escape_for_terminal("a line\n\tof text, schön \xF0\x9F\x90\xA7"),
              "a line\n\tof text, schön \xF0\x9F\x90\xA7");
}

TEST(EscapeForTerminal, DisarmsControlBytes) {
    EXPECT_EQ(escape_for_terminal("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    EXPECT_EQ(escape_for_terminal("50%\r100%\b"), "50%\\x0d100%\\x08");
    EXPECT_EQ(escape_for_terminal(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
    EXPECT_EQ(escape_for_terminal("\xC2\x9B"
                                  "2J"),
              "\\x9b2J");
}

TEST(EscapeForTerminal, ShowsWhatReordersOrHidesText) {
    EXPECT_EQ(escape_for_terminal("\xE2\x80\xAE"
                                  "abc"),
              "<U+202E>abc");
    EXPECT_EQ(escape_for_terminal("a\xE2\x80\x8B"
                                  "b"),
              "a<U+200B>b");
    EXPECT_EQ(escape_for_terminal("\xE2\x81\xA6\xEF\xBB\xBF"), "<U+2066><U+FEFF>");
}

TEST(EscapeForTerminal, ReplacesInvalidUtf8) {
    EXPECT_EQ(escape_for_terminal("a\xFFz"), "a" + replacement + "z");
    EXPECT_EQ(escape_for_terminal("\xC0\xAF"), replacement + replacement);
    EXPECT_EQ(escape_for_terminal("\xED\xA0\x80"), replacement + replacement + replacement);
    EXPECT_EQ(escape_for_terminal("\xE2\x82"), replacement + replacement);
    EXPECT_EQ(escape_for_terminal("\xF4\x90\x80\x80").substr(0, 3), replacement);
}

TEST(EscapeForTerminal, OfAnyBytesIsPrintable) {
    constexpr unsigned seed = 7;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 40, '\0');
        for (auto& byte : bytes) {
            byte = static_cast<char>(random() % 256);
        }

        const auto text = escape_for_terminal(bytes);

        EXPECT_EQ(to_valid_utf8(text), text);
        EXPECT_EQ(escape_for_terminal(text), text);
        EXPECT_EQ(to_valid_utf8(to_valid_utf8(bytes)), to_valid_utf8(bytes));
    }
}

TEST(ToValidUtf8, KeepsControlBytesAndReplacesTheRest) {
    EXPECT_EQ(to_valid_utf8("\x1b[1m\xFE ok"), "\x1b[1m" + replacement + " ok");
}

TEST(Cap, CutsOnACharacterBorder) {
    EXPECT_EQ(cap("abc", 3), "abc");
    EXPECT_EQ(cap("abcd", 3), "abc...");
    EXPECT_EQ(cap("a\xC3\xBC"
                  "b",
                  2),
              "a...");
    EXPECT_EQ(cap("a\xC3\xBC"
                  "b",
                  3),
              "a\xC3\xBC...");
    EXPECT_EQ(cap("abc", 0), "...");
}

TEST(Split, KeepsEmptyParts) {
    EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
    EXPECT_THAT(split("", ','), ElementsAre(""));
    EXPECT_THAT(split(",", ','), ElementsAre("", ""));
}

TEST(Join, IsTheInverseOfSplit) {
    for (const auto* text : {"", "a", ",a", "a,", "a,,b", ",,", "a,b,c"}) {
        EXPECT_EQ(join(split(text, ','), ","), text);
    }
    EXPECT_EQ(join({"", "", "x"}, ", "), ", , x");
    EXPECT_EQ(join({}, ", "), "");
}

TEST(Trim, TakesBlanksFromBothEnds) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(trim(""), "");
}

TEST(ShellQuote, MakesOneWordOfAnything) {
    EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_quote(""), "''");
    EXPECT_EQ(shell_join({"ls", "-l", "a b", "", "v1.0~3", "$HOME"}),
              "ls -l 'a b' '' 'v1.0~3' '$HOME'");
}

TEST(ShellQuote, IsUnderstoodByARealShell) {
    for (const std::string word :
         {"it's", "a\nb", "$(reboot)", "`x`", "\\", "--", "*", "''", "~"}) {
        ProcessSpec spec;
        spec.argv = {"sh", "-c", "printf '%s|' " + shell_join({word, "end"})};

        const auto result = run_process(spec);

        EXPECT_EQ(result.out, word + "|end|");
    }
}

} // namespace
} // namespace lab
