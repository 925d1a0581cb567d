// SPDX-License-Identifier: Apache-2.0
#include "base/kept_output.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

/// Adds a text in pieces of a size.
KeptOutput kept_of(std::string_view text, Bytes limit, std::size_t piece) {
    KeptOutput kept(limit);
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        kept.add(text.substr(0, piece));
    }
    return kept;
}

TEST(KeptOutput, IsTheWholeTextUpToTheLimit) {
    for (const std::size_t piece : {1, 3, 100}) {
        EXPECT_EQ(kept_of("", {5}, piece).text(), "");
        EXPECT_EQ(kept_of("abcde", {5}, piece).text(), "abcde");
        EXPECT_EQ(kept_of("abcde", {5}, piece).left_out(), 0U);
    }
}

TEST(KeptOutput, IsBothEndsOfALongerText) {
    const std::string text = "abc" + std::string(5 << 20U, '.') + "xyz";
    for (const std::size_t piece : {1000, 4097, 10'000'000}) {
        const auto kept = kept_of(text, {6}, piece);

        EXPECT_EQ(kept.text(), "abc\n[... 5.0 MiB left out ...]\nxyz") << piece;
        EXPECT_EQ(kept.left_out(), 5U << 20U);
    }
}

TEST(KeptOutput, MayKeepNothing) {
    EXPECT_EQ(kept_of("abc", {0}, 2).left_out(), 3U);
}

} // namespace
} // namespace lab
