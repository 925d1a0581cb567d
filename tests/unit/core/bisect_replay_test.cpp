// SPDX-License-Identifier: Apache-2.0
#include "core/bisect_replay.h"

#include <gtest/gtest.h>

namespace lab::core {
namespace {

using Said = std::vector<std::pair<std::string, Verdict>>;

TEST(BisectReplay, ReadsWhatGitPrints) {
    const auto log = parse_bisect_log("# bad: [aa] newest\n"
                                      "# good: [bb] oldest\n"
                                      "git bisect start 'aa' 'bb' '--' 'a dir/it'\\''s' 'b'\n"
                                      "# bad: [cc] x\n"
                                      "git bisect bad cc\n"
                                      "git bisect skip dd ee\n"
                                      "\n"
                                      "git bisect good ff\n"
                                      "# first bad commit: [cc] x\n",
                                      "log");

    ASSERT_TRUE(log);
    EXPECT_EQ(log->bad, "aa");
    EXPECT_EQ(log->good, "bb");
    EXPECT_EQ(log->paths, (std::vector<std::string>{"a dir/it's", "b"}));
    EXPECT_EQ(log->said, (Said{{"cc", Verdict::bad},
                               {"dd", Verdict::skip},
                               {"ee", Verdict::skip},
                               {"ff", Verdict::good}}));
    EXPECT_FALSE(log->first_parent);
}

TEST(BisectReplay, TakesTheEndsFromTheFirstVerdictsOfABareStart) {
    const auto log = parse_bisect_log("git bisect start '--first-parent'\n"
                                      "# status: waiting for both good and bad commits\n"
                                      "git bisect bad aa\ngit bisect good bb\n"
                                      "git bisect good aa\n",
                                      "log");

    ASSERT_TRUE(log);
    EXPECT_EQ(log->bad, "aa");
    EXPECT_EQ(log->good, "bb");
    EXPECT_TRUE(log->first_parent);
    EXPECT_TRUE(log->said.empty());
}

TEST(BisectReplay, KnowsTermsOfOnesOwn) {
    for (const char* start : {"git bisect start --term-old=fast --term-new=slow",
                              "git bisect start '--term-good' 'fast' '--term-bad' 'slow'"}) {
        const auto log =
            parse_bisect_log(std::string(start) + "\ngit bisect slow aa\ngit bisect fast bb\n"
                                                  "git bisect slow cc\n",
                             "log");
        ASSERT_TRUE(log) << start;
        EXPECT_EQ(log->bad, "aa");
        EXPECT_EQ(log->good, "bb");
        EXPECT_EQ(log->said, (Said{{"cc", Verdict::bad}}));
    }
}

TEST(BisectReplay, SaysWhereALogIsWrong) {
    const auto problem_of = [](const char* text) {
        const auto log = parse_bisect_log(text, "log");
        return log ? std::string() : log.error().front().where + " " + log.error().front().message;
    };

    EXPECT_EQ(problem_of("git bisect start aa bb\nrm -rf /\n").find("log:2 is no line"), 0U);
    EXPECT_EQ(problem_of("git bisect start 'aa\n").find("log:1 is no line"), 0U);
    EXPECT_EQ(problem_of("git bisect start aa bb\ngit bisect fast cc\n").find("log:2 has the"), 0U);
    EXPECT_EQ(problem_of("git bisect start aa\n"), "log names no good commit");
    EXPECT_EQ(problem_of(""), "log names no good commit");
}

} // namespace
} // namespace lab::core
