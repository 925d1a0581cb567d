// SPDX-License-Identifier: Apache-2.0
#include "cli/oracle.h"

#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::cli {
namespace {

using testing::HasSubstr;

core::CommitId id(int number) {
    std::string hex = std::to_string(number);
    return core::CommitId(std::string(40 - hex.size(), '0') + hex);
}

/// Commits 1 to `count` in a line behind good commit 0; the last one is bad.
OracleQuestion line(int count) {
    std::vector<core::CommitGraph::Node> nodes;
    for (int number = count; number > 0; --number) {
        core::CommitGraph::Node node;
        node.id = id(number);
        if (number > 1) {
            node.parents = {static_cast<core::CommitIndex>(nodes.size() + 1)};
        }
        nodes.push_back(node);
    }
    OracleQuestion question;
    question.range.graph = core::CommitGraph(std::move(nodes));
    question.good = {id(0)};
    question.bad = id(count);
    return question;
}

void saw(OracleQuestion& question, int commit, const core::Outcome& outcome, int times = 1) {
    for (int i = 0; i < times; ++i) {
        question.seen.push_back({id(commit), outcome, question.seen.size() + 1});
    }
}

TEST(Observations, AreReadLineByLine) {
    const auto hex = id(7).hex();

    const auto seen = value_or_throw(
        parse_observations("{\"commit\":\"" + hex + "\",\"outcome\":\"fail\"}\n\n{\"commit\":\"" +
                               hex + "\",\"value\":-1.5e3}\n",
                           "f"));

    ASSERT_EQ(seen.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<core::Failed>(seen[0].outcome));
    EXPECT_EQ(std::get<core::Sampled>(seen[1].outcome).value, -1500.0);
    EXPECT_EQ(seen[1].line, 3U);
}

TEST(Observations, AreRefusedWithTheirLine) {
    const auto hex = id(7).hex();
    const std::vector<std::string> bad{"x",
                                       "[]",
                                       "{}",
                                       R"({"commit":"abc","outcome":"pass"})",
                                       R"({"commit":")" + hex + R"(","outcome":"good"})",
                                       R"({"commit":")" + hex + R"(","outcome":"pass","value":1})",
                                       R"({"commit":")" + hex + R"(","outcome":"pass","more":1})",
                                       R"({"commit":")" + hex + R"(","value":"1"})",
                                       R"({"commit":")" + hex + R"(","value":1e999})",
                                       R"({"commit":7,"value":1})"};
    for (const auto& text : bad) {
        const auto parsed = parse_observations("\n" + text, "f");
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().front().where, "f:2") << text;
    }
}

TEST(AskGit, ProposesTheMiddleAndEndsWithGitsSentence) {
    auto question = line(8);

    const auto first = ask_git(question);
    saw(question, 4, core::Passed{});
    saw(question, 5, core::Failed{});
    const auto last = ask_git(question);

    EXPECT_EQ(first["next"][0]["commit"], id(4).hex());
    EXPECT_EQ(first["remaining"], 8);
    EXPECT_TRUE(first["conclusion"].is_null());
    EXPECT_TRUE(last["next"].empty());
    EXPECT_EQ(last["conclusion"]["kind"], "found");
    EXPECT_EQ(last["conclusion"]["text"], id(5).hex() + " is the first bad commit");
}

TEST(AskGit, RefusesValuesAndContradictions) {
    auto values = line(8);
    saw(values, 4, core::Sampled{1.0});
    auto contradiction = line(8);
    saw(contradiction, 4, core::Passed{});
    saw(contradiction, 2, core::Failed{});
    auto outside = line(8);
    saw(outside, 99, core::Failed{});
    auto good_fails = line(8);
    saw(good_fails, 0, core::Failed{});

    for (const auto* question : {&values, &contradiction, &outside, &good_fails}) {
        try {
            (void)ask_git(*question);
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::bad_input);
            EXPECT_THAT(error.what(), HasSubstr("observation in line "));
        }
    }
}

TEST(AskGit, AsksAboutNoMergeBaseThatIsSaidToBeGood) {
    auto question = line(8);
    question.range.merge_bases = {id(50)};
    question.good.push_back(id(50));

    EXPECT_EQ(ask_git(question)["next"][0]["commit"], id(4).hex());
}

TEST(AskGit, AsksAboutMergeBasesFirst) {
    auto question = line(8);
    question.range.merge_bases = {id(50)};

    const auto asked = ask_git(question);
    saw(question, 50, core::Failed{});
    const auto fixed = ask_git(question);
    question.seen.back().outcome = core::Passed{};
    const auto goes_on = ask_git(question);

    EXPECT_EQ(asked["next"][0]["commit"], id(50).hex());
    EXPECT_EQ(fixed["conclusion"]["kind"], "inconclusive");
    EXPECT_EQ(goes_on["next"][0]["commit"], id(4).hex());
}

TEST(AskBayes, TriesTheEndsFirst) {
    const auto answer = ask_bayes(line(8));

    ASSERT_FALSE(answer["next"].empty());
    const std::string commit = answer["next"][0]["commit"];
    EXPECT_TRUE(commit == id(0).hex() || commit == id(8).hex()) << commit;
    EXPECT_EQ(answer["candidates"].size(), 8U);
}

TEST(AskBayes, HasNoAnswerWhenAnEndCannotBeTried) {
    for (const int end : {0, 8}) {
        auto question = line(8);
        saw(question, end, core::Skipped{});

        const auto answer = ask_bayes(question);

        EXPECT_EQ(answer["conclusion"]["kind"], "inconclusive") << end;
        EXPECT_TRUE(answer["next"].empty());
        EXPECT_TRUE(answer["candidates"].empty());
    }
}

TEST(AskBayes, ExpectsMoreSamplesInALongerRange) {
    EXPECT_GT(ask_bayes(line(60))["steps"], ask_bayes(line(6))["steps"]);
    EXPECT_GE(ask_bayes(line(60))["steps"], 6);
}

/// Answers every question of the search as a range whose first bad commit is `culprit` would.
nlohmann::json carry_out(OracleQuestion& question, int culprit,
                         const std::function<core::Outcome(bool bad)>& run) {
    for (int round = 0; round < 500; ++round) {
        auto answer = ask_bayes(question);
        if (!answer["conclusion"].is_null()) {
            return answer;
        }
        EXPECT_FALSE(answer["next"].empty());
        for (const auto& next : answer["next"]) {
            const int number = std::stoi(next["commit"].get<std::string>());
            saw(question, number, run(number >= culprit));
        }
    }
    ADD_FAILURE() << "no conclusion";
    return {};
}

TEST(AskBayes, FindsTheCulpritByOutcomes) {
    auto question = line(30);

    const auto answer = carry_out(question, 11, [](bool bad) -> core::Outcome {
        return bad ? core::Outcome(core::Failed{}) : core::Outcome(core::Passed{});
    });

    EXPECT_EQ(answer["conclusion"]["kind"], "found");
    EXPECT_EQ(answer["conclusion"]["suspects"][0]["commit"], id(11).hex());
    EXPECT_GE(answer["conclusion"]["probability"], 0.99);
}

TEST(AskBayes, FindsTheCulpritByValuesThatGrow) {
    auto question = line(30);
    question.jobs = 3;
    int turn = 0;

    const auto answer = carry_out(question, 21, [&](bool bad) -> core::Outcome {
        turn = (turn + 1) % 5;
        return core::Sampled{(bad ? 120.0 : 100.0) + turn};
    });

    EXPECT_EQ(answer["conclusion"]["kind"], "found");
    EXPECT_EQ(answer["conclusion"]["suspects"][0]["commit"], id(21).hex());
}

TEST(AskBayes, RefusesAMixtureAndOtherCommits) {
    auto mixed = line(8);
    saw(mixed, 4, core::Sampled{1.0});
    saw(mixed, 4, core::Failed{});
    auto outside = line(8);
    saw(outside, 99, core::Failed{});
    auto sideways = line(8);
    sideways.range.merge_bases = {id(50)};

    EXPECT_THROW((void)ask_bayes(mixed), Error);
    EXPECT_THROW((void)ask_bayes(outside), Error);
    EXPECT_THROW((void)ask_bayes(sideways), Error);
}

} // namespace
} // namespace lab::cli
