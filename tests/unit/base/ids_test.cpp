// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <thread>

namespace lab {
namespace {

using testing::MatchesRegex;

TEST(Ulid, HasTheFormOfTheSpecification) {
    EXPECT_THAT(new_ulid(), MatchesRegex("[0-7][0-9A-HJKMNP-TV-Z]{25}"));
}

TEST(Ulid, SortsByTheTimeOfItsMaking) {
    const auto early = new_ulid();
    auto late = new_ulid();
    while (late.substr(0, 10) == early.substr(0, 10)) {
        std::this_thread::yield();
        late = new_ulid();
    }

    EXPECT_LT(early, late);
}

TEST(Uuid, HasTheFormOfVersion4) {
    EXPECT_THAT(new_uuid(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}"
                                         "-[0-9a-f]{12}"));
}

TEST(RandomHex, HasTheLengthAskedFor) {
    EXPECT_EQ(random_hex(0), "");
    EXPECT_THAT(random_hex(7), MatchesRegex("[0-9a-f]{7}"));
    EXPECT_THAT(random_hex(33), MatchesRegex("[0-9a-f]{33}"));
}

TEST(Ids, DoNotRepeat) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        ids.insert(new_ulid());
        ids.insert(new_uuid());
        ids.insert(random_hex(32));
    }

    EXPECT_EQ(ids.size(), 3000U);
}

TEST(ValidName, IsAShortLowerCaseWord) {
    EXPECT_TRUE(is_valid_name("baarch64"));
    EXPECT_TRUE(is_valid_name("debian-12"));
    EXPECT_TRUE(is_valid_name("0.x_y-"));
    EXPECT_TRUE(is_valid_name(std::string(63, 'a')));
}

TEST(ValidName, IsNoPathNoOptionAndNoShellText) {
    for (const std::string_view name :
         {"", ".", "..", "../x", "a/b", "-rf", "_a", "A", "ü", "a b", "a\n", "a;b", "a,b"}) {
        EXPECT_FALSE(is_valid_name(name)) << name;
    }
    EXPECT_FALSE(is_valid_name(std::string(64, 'a')));
    EXPECT_FALSE(is_valid_name(std::string_view("a\0", 2)));
}

} // namespace
} // namespace lab
