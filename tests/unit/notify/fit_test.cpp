// SPDX-License-Identifier: Apache-2.0
#include "notify/fit.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace lab::notify {
namespace {

TEST(Fit, KeepsWhatFits) {
    EXPECT_EQ(fit("abc", {Unit::bytes, 3}), "abc");
    EXPECT_EQ(fit("", {Unit::bytes, 0}), "");
}

TEST(Fit, CutsBetweenCharactersAndSaysSo) {
    EXPECT_EQ(fit("aäöü", {Unit::bytes, 6}), "aä…");
    EXPECT_EQ(fit("abcdef", {Unit::utf16, 4}), "abc…");
    EXPECT_EQ(fit("abc", {Unit::bytes, 2}), "");
}

TEST(Fit, CountsAnEmojiAsTwoUnits) {
    EXPECT_EQ(length_of("a😀", Unit::utf16), 3U);
    EXPECT_EQ(fit("😀😀😀", {Unit::utf16, 6}), "😀😀😀");
    EXPECT_EQ(fit("😀😀😀", {Unit::utf16, 5}), "😀😀…");
    EXPECT_EQ(fit("😀😀😀", {Unit::utf16, 4}), "😀…");
}

TEST(Fit, NeverExceedsTheLimitAndNeverSplitsAnEscape) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += i % 3 == 0 ? "<" : i % 3 == 1 ? "ä" : "😀";
    }
    for (const auto unit : {Unit::bytes, Unit::utf16}) {
        for (std::size_t limit = 0; limit < 250; ++limit) {
            const auto cut = fit(text, {unit, limit}, escape_slack);

            EXPECT_LE(length_of(cut, unit), limit);
            EXPECT_EQ(to_valid_utf8(cut), cut);
            const auto entity = cut.rfind('&');
            EXPECT_TRUE(entity == std::string::npos || cut.compare(entity, 4, "&lt;") == 0) << cut;
        }
    }
}

TEST(Fit, MakesControlAndDeceptiveCharactersVisible) {
    EXPECT_EQ(fit("a\x1B[31m\xE2\x80\xAE\xFF", {Unit::bytes, 100}),
              "a\\x1b[31m<U+202E>\xEF\xBF\xBD");
}

TEST(Fit, LeavesNobodyCalled) {
    const Limit limit{Unit::bytes, 1000};

    EXPECT_EQ(fit("<!channel> & <@U1>", limit, escape_slack), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
    EXPECT_EQ(fit("@all", limit, escape_mentions), "@\u200Ball");
    EXPECT_EQ(fit("<!here> *@all*", limit, escape_markdown), "<\u200B\\!here\\> \\*@\u200Ball\\*");
    EXPECT_EQ(fit("```@here", limit, escape_fenced), "`\u200B`\u200B`\u200B@\u200Bhere");
    EXPECT_EQ(fit("<b>\"", limit, escape_markup), "&lt;b&gt;&quot;");
}

} // namespace
} // namespace lab::notify
