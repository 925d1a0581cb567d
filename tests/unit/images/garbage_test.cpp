// SPDX-License-Identifier: Apache-2.0
#include "images/garbage.h"

#include <gtest/gtest.h>

namespace lab::images {
namespace {

StoredImage stored(const std::string& key, const std::string& parent, int used,
                   Usage usage = Usage::free) {
    StoredImage item;
    item.image.key = key;
    item.image.parent = parent;
    item.image.size = {10};
    item.last_used = WallTime(std::chrono::seconds(used));
    item.usage = usage;
    return item;
}

std::vector<std::string> chosen(std::vector<StoredImage> items, std::optional<Bytes> limit) {
    std::vector<std::string> keys;
    for (const auto& image : choose_garbage(std::move(items), limit)) {
        keys.push_back(image.key);
    }
    return keys;
}

using Keys = std::vector<std::string>;

TEST(Garbage, TakesAllThatIsFreeWithoutALimit) {
    EXPECT_EQ(chosen({stored("a", "", 1), stored("b", "", 2, Usage::leased)}, std::nullopt),
              Keys{"a"});
}

TEST(Garbage, TakesTheLeastRecentlyUsedUntilTheRestFits) {
    const std::vector items{stored("new", "", 3), stored("old", "", 1), stored("middle", "", 2)};

    EXPECT_EQ(chosen(items, Bytes{30}), Keys{});
    EXPECT_EQ(chosen(items, Bytes{29}), Keys{"old"});
    EXPECT_EQ(chosen(items, Bytes{10}), (Keys{"old", "middle"}));
}

TEST(Garbage, NeverTakesABackingFileBeforeWhatIsBackedByIt) {
    const std::vector items{stored("base", "", 1), stored("overlay", "base", 5),
                            stored("other", "", 3)};

    EXPECT_EQ(chosen(items, Bytes{20}), Keys{"other"});
    EXPECT_EQ(chosen(items, Bytes{0}), (Keys{"other", "overlay", "base"}));
}

TEST(Garbage, KeepsWhatALeasedImageIsBackedBy) {
    const std::vector items{stored("base", "", 1, Usage::leased),
                            stored("overlay", "base", 2, Usage::leased),
                            stored("sibling", "base", 3)};

    EXPECT_EQ(chosen(items, std::nullopt), Keys{"sibling"});
}

} // namespace
} // namespace lab::images
