// SPDX-License-Identifier: Apache-2.0
#include "core/git_search.h"
#include "git_history.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace lab::core::test {
namespace {

CommitGraph chain(std::size_t commits) {
    std::vector<CommitGraph::Node> nodes(commits);
    for (std::size_t i = 0; i < commits; ++i) {
        nodes[i].id = planned_id(commits - i);
        if (i + 1 < commits) {
            nodes[i].parents = {static_cast<CommitIndex>(i + 1)};
        }
    }
    return CommitGraph(std::move(nodes));
}

GitSearch search_of(CommitGraph graph) {
    return value_or_throw(GitSearch::create(std::move(graph)));
}

TEST(GitSearch, RefusesAnEmptyRangeAndStrayCommits) {
    const auto empty = GitSearch::create(CommitGraph());
    const auto stray = GitSearch::create(CommitGraph({{planned_id(2), {}}, {planned_id(1), {}}}));

    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().front().message, "holds no commit (at least the bad one)");
    ASSERT_FALSE(stray);
    EXPECT_NE(stray.error().front().message.find(planned_id(1).hex()), std::string::npos);
}

TEST(GitSearch, EndsAtOnceWhenOnlyTheBadCommitIsLeft) {
    const auto step = search_of(chain(1)).next();

    ASSERT_TRUE(std::holds_alternative<SearchEnd>(step));
    EXPECT_EQ(std::get<SearchEnd>(step).kind, SearchEnd::Kind::found);
    EXPECT_EQ(std::get<SearchEnd>(step).suspects, std::vector{planned_id(1)});
}

TEST(GitSearch, SaysTheNumbersOfGitsProgressLine) {
    const auto step = search_of(chain(63)).next();

    const auto& proposal = std::get<Proposal>(step);
    EXPECT_EQ(proposal.commit, planned_id(31));
    EXPECT_EQ(proposal.revisions_left, 31U);
    EXPECT_EQ(proposal.steps, 5U);
}

TEST(GitSearch, RefusesVerdictsThatContradictEachOther) {
    auto search = search_of(chain(20));
    search.record(planned_id(10), Verdict::good);
    search.record(planned_id(15), Verdict::bad);

    EXPECT_THROW(search.record(planned_id(5), Verdict::bad), Error);
    EXPECT_THROW(search.record(planned_id(18), Verdict::good), Error);
    EXPECT_THROW(search.record(planned_id(15), Verdict::good), Error);
    EXPECT_THROW(search.record(planned_id(99), Verdict::skip), Error);
    EXPECT_EQ(search.candidates(), (std::vector{planned_id(15), planned_id(14), planned_id(13),
                                                planned_id(12), planned_id(11)}));
}

TEST(GitSearch, NeitherCountsNorProposesCommitsOutsideThePaths) {
    auto nodes = chain(64).nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].tree_same = i % 8 != 5;
    }
    auto search = search_of(CommitGraph(nodes));
    std::size_t asked = 0;

    for (auto step = search.next(); std::holds_alternative<Proposal>(step); step = search.next()) {
        const auto commit = std::get<Proposal>(step).commit;
        EXPECT_FALSE(search.range().nodes()[search.range().index_of(commit)].tree_same);
        search.record(commit, Verdict::bad);
        ++asked;
    }

    EXPECT_EQ(asked, 3U); // 8 commits count
    EXPECT_EQ(std::get<SearchEnd>(search.next()).suspects, std::vector{planned_id(64 - 61)});
}

TEST(GitSearch, SaysSoWhenNoCommitTouchesThePaths) {
    auto nodes = chain(5).nodes();
    for (auto& node : nodes) {
        node.tree_same = true;
    }

    const auto step = search_of(CommitGraph(nodes)).next();

    EXPECT_EQ(std::get<SearchEnd>(step).kind, SearchEnd::Kind::nothing_to_test);
}

/// Every culprit of every small history, with some commits skipped: the answer is the culprit, or a
/// list that holds it and otherwise only skipped commits.
TEST(GitSearch, FindsEveryCulpritOfRandomHistories) {
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto graph =
            range_of(plan_history({.seed = seed, .commits = 4 + seed % 25, .merge_share = 0.15}));
        std::mt19937 random(seed);
        std::set<CommitId> skipped;
        for (std::size_t i = 1; i < graph.size(); ++i) {
            if (random() % 10 < seed % 5) {
                skipped.insert(graph.nodes()[i].id);
            }
        }
        for (const auto& culprit : graph.nodes()) {
            auto search = search_of(graph);
            auto step = search.next();
            for (; std::holds_alternative<Proposal>(step); step = search.next()) {
                const auto commit = std::get<Proposal>(step).commit;
                ASSERT_FALSE(skipped.contains(commit) && search.candidates().size() == 1);
                auto below = search_of(graph);
                below.record(commit, Verdict::bad);
                const auto reached = below.candidates();
                const bool bad =
                    std::find(reached.begin(), reached.end(), culprit.id) != reached.end();
                search.record(commit, skipped.contains(commit) ? Verdict::skip
                                      : bad                    ? Verdict::bad
                                                               : Verdict::good);
            }
            const auto& end = std::get<SearchEnd>(step);
            ASSERT_EQ(std::count(end.suspects.begin(), end.suspects.end(), culprit.id), 1);
            ASSERT_EQ(end.kind == SearchEnd::Kind::found, end.suspects.size() == 1);
            ASSERT_LE(std::count_if(end.suspects.begin(), end.suspects.end(),
                                    [&](const auto& id) { return !skipped.contains(id); }),
                      1);
        }
    }
}

TEST(GitSearch, WeighsSixteenThousandCommitsWellBelowASecond) {
    const auto graph = range_of(
        plan_history({.seed = 5, .commits = 16'000, .merge_share = 0.08, .fork_share = 0.08}));
    const auto search = search_of(graph);
    const auto begin = std::clock(); // CPU time: other work on the machine must not fail the test

    const auto step = search.next();

    const auto took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_TRUE(std::holds_alternative<Proposal>(step));
    EXPECT_LT(took, 1.0);
    RecordProperty("milliseconds", static_cast<int>(took * 1000));
}

TEST(CommitsAhead, AreTheTwoThatMayBeAskedNext) {
    const auto search = search_of(chain(63));

    EXPECT_EQ(commits_ahead(search, 2), (std::vector{planned_id(47), planned_id(15)}));
    EXPECT_EQ(commits_ahead(search, 1), std::vector{planned_id(47)});
    EXPECT_TRUE(commits_ahead(search_of(chain(1)), 5).empty());
}

TEST(CommitsAhead, LeavesOutWhatIsKnownToBeSkipped) {
    const auto search = search_of(chain(63));

    const auto ahead = commits_ahead(search, 4, {planned_id(47)});

    EXPECT_EQ(std::count(ahead.begin(), ahead.end(), planned_id(47)), 0);
    EXPECT_EQ(ahead.size(), 4U);
}

} // namespace
} // namespace lab::core::test
