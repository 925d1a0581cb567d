// SPDX-License-Identifier: Apache-2.0
#include "report/markup.h"

#include <gtest/gtest.h>

namespace lab::report {
namespace {

TEST(HtmlText, ShowsMarkupAsText) {
    EXPECT_EQ(html_text("<script>alert('x & \"y\"')</script>"),
              "&lt;script&gt;alert(&#39;x &amp; &quot;y&quot;&#39;)&lt;/script&gt;");
}

TEST(HtmlText, MakesVisibleWhatDeceives) {
    EXPECT_EQ(html_text("a\033[1m\xE2\x80\xAE\xFF\n"), "a\\x1b[1m&lt;U+202E&gt;\xEF\xBF\xBD\n");
}

TEST(MarkdownText, EscapesWhatMarkdownUnderstands) {
    EXPECT_EQ(markdown_text("*a* [b](c) <d> `e` #1 @all"),
              "\\*a\\* \\[b\\](c) \\<d\\> \\`e\\` \\#1 \\@all");
}

TEST(MarkdownText, IsOneLine) {
    EXPECT_EQ(markdown_text("a\n# b\n"), "a \\# b");
}

TEST(MarkdownText, BeginsNoList) {
    EXPECT_EQ(markdown_text("- a - b"), "\\- a - b");
    EXPECT_EQ(markdown_text("12. a 1."), "12\\. a 1.");
    EXPECT_EQ(markdown_text("12.5"), "12\\.5");
}

TEST(MarkdownCode, OutnumbersTheBackticksInside) {
    EXPECT_EQ(markdown_code("a `b` ``c"), "```a `b` ``c```");
    EXPECT_EQ(markdown_code("`"), "`` ` ``");
    EXPECT_EQ(markdown_code(""), "");
}

TEST(MarkdownCode, StaysInItsCell) {
    EXPECT_EQ(markdown_code_cell("a|b\nc"), "`a\\|b c`");
}

TEST(MarkdownBlock, CannotBeLeft) {
    EXPECT_EQ(markdown_block("```\n<b>"), "````text\n```\n<b>\n````\n");
}

} // namespace
} // namespace lab::report
