// SPDX-License-Identifier: Apache-2.0
#include "base/command_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab {
namespace {

using testing::ElementsAre;

TEST(CommandWords, AreTakenApartWithoutAShell) {
    EXPECT_THAT(*command_words("ipmitool  -H box\tpower cycle"),
                ElementsAre("ipmitool", "-H", "box", "power", "cycle"));
    EXPECT_THAT(*command_words(R"(a 'b  c' "d \"e\" \n" f\ g '')"),
                ElementsAre("a", "b  c", R"(d "e" \n)", "f g", ""));
    EXPECT_THAT(*command_words("echo $HOME `id` * ; rm"),
                ElementsAre("echo", "$HOME", "`id`", "*", ";", "rm"));
}

TEST(CommandWords, AreRefusedWhenTheyDoNotEnd) {
    EXPECT_EQ(command_words("a 'b").error(), "a quote ' does not end");
    EXPECT_EQ(command_words("a \\").error(), "a backslash stands at the end");
    EXPECT_EQ(command_words("  ").error(), "no command in it");
}

} // namespace
} // namespace lab
