// SPDX-License-Identifier: Apache-2.0
#include "core/first_error.h"

#include <gtest/gtest.h>

#include <string>

namespace lab::core::test {
namespace {

std::string first_error(const std::string& output, std::size_t piece) {
    FirstError error;
    for (std::size_t at = 0; at < output.size(); at += piece) {
        error.feed(std::string_view(output).substr(at, piece));
    }
    return error.line();
}

struct OutputCase {
    const char* name;
    const char* output;
    const char* expected;
};

void PrintTo(const OutputCase& row, std::ostream* out) {
    *out << row.name;
}

class FirstErrorOf : public testing::TestWithParam<OutputCase> {};

TEST_P(FirstErrorOf, IsTheLineThatSaysWhy) {
    const auto& row = GetParam();

    EXPECT_EQ(first_error(row.output, 1000), row.expected);
    EXPECT_EQ(first_error(row.output, 1), row.expected) << "whatever way the bytes are cut";
}

INSTANTIATE_TEST_SUITE_P(
    Programs, FirstErrorOf,
    testing::Values(
        OutputCase{"gcc",
                   "cc -c a.c\na.c: In function 'f':\na.c:3:9: error: no member named 'frob'\n"
                   "a.c:9:1: error: another\nmake: *** [Makefile:3: a.o] Error 1\n",
                   "a.c:3:9: error: no member named 'frob'"},
        OutputCase{"linker",
                   "ld: a.o: in function `main':\na.c:(.text+0x5): undefined reference to `f'\n"
                   "collect2: error: ld returned 1 exit status\n",
                   "a.c:(.text+0x5): undefined reference to `f'"},
        OutputCase{"make", "cc -o t\nmake: *** No rule to make target 'x'.  Stop.\n",
                   "make: *** No rule to make target 'x'.  Stop."},
        OutputCase{"cargo", "   Compiling x\nerror[E0432]: unresolved import\n",
                   "error[E0432]: unresolved import"},
        OutputCase{"python",
                   "Traceback (most recent call last):\n  File \"t.py\", line 3\n"
                   "ModuleNotFoundError: No module named 'x'\n",
                   "ModuleNotFoundError: No module named 'x'"},
        OutputCase{"shell", "t.sh: 3: frob: not found\n", "t.sh: 3: frob: not found"},
        OutputCase{"no mark", "checking\nthe test did not pass\n\n", "the test did not pass"},
        OutputCase{"no line end", "one\ntwo", "two"}, OutputCase{"nothing", "", ""},
        OutputCase{"a count of none", "built with -Werror, 0 errors\nfailed\n", "failed"}));

TEST(FirstError, KeepsTheBeginningOfALongLine) {
    const auto line = first_error("error: " + std::string(1 << 20, 'x') + "\n", 4096);

    EXPECT_EQ(line.substr(0, 10), "error: xxx");
    EXPECT_EQ(line.size(), 300U);
}

TEST(FailureKey, LeavesOutWhatDiffersBetweenCommits) {
    EXPECT_EQ(failure_key("a.c:12:3: error: no member"), failure_key("a.c:9:14: error: no member"));
    EXPECT_EQ(failure_key("/tmp/7/src/a.c: error: x"), failure_key("/var/k/src/a.c: error: x"));
    EXPECT_EQ(failure_key("at 0x7ffe12: fault"), failure_key("at 0x8812: fault"));
    EXPECT_NE(failure_key("a.c:1: error: no member"), failure_key("b.c:1: error: no member"));
    EXPECT_NE(failure_key("exit code x"), failure_key("no member"));
}

} // namespace
} // namespace lab::core::test
