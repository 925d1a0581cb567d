// SPDX-License-Identifier: Apache-2.0
#include "plan/suggestion.h"

#include <gtest/gtest.h>

namespace lab::plan {
namespace {

const std::vector<std::string> known{"machine", "memory", "cpus", "source"};

TEST(Suggestion, FindsAWordWithATypingError) {
    EXPECT_EQ(nearest_word("cpu", known), "cpus");
    EXPECT_EQ(nearest_word("memroy", known), "memory");
    EXPECT_EQ(nearest_word("machines", known), "machine");
    EXPECT_EQ(nearest_word("sauce", known), "source");
}

TEST(Suggestion, SaysNothingWhenNoWordIsNear) {
    EXPECT_EQ(nearest_word("colour", known), "");
    EXPECT_EQ(nearest_word("c", known), "");
    EXPECT_EQ(nearest_word("", known), "");
    EXPECT_EQ(nearest_word("cpu", {}), "");
}

TEST(Suggestion, IgnoresWordsLongerThanAnyName) {
    const std::string name(70, 'a');

    EXPECT_EQ(nearest_word(name, {name}), "");
    EXPECT_EQ(nearest_word("a", {name}), "");
}

} // namespace
} // namespace lab::plan
