// SPDX-License-Identifier: Apache-2.0
#include "core/commit.h"
#include "core/observation.h"
#include "core/verdict.h"
#include "git_history.h"

#include <gtest/gtest.h>

namespace lab::core::test {
namespace {

ErrorCode code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "no Error was thrown";
    return ErrorCode::infra;
}

TEST(CommitId, TakesOnlyFortyLowerCaseHexDigits) {
    const std::string fine(40, 'a');

    EXPECT_EQ(CommitId(fine).hex(), fine);
    EXPECT_EQ(CommitId(fine).abbreviated(), std::string(12, 'a'));
    for (const auto& wrong :
         {std::string(), std::string(39, 'a'), std::string(41, 'a'), std::string(40, 'A'),
          std::string(39, 'a') + "g", std::string("HEAD")}) {
        EXPECT_EQ(code_of([&] { static_cast<void>(CommitId(wrong)); }), ErrorCode::bad_input)
            << wrong;
    }
}

TEST(CommitGraph, FindsItsCommits) {
    const auto graph = range_of(plan_history({.seed = 3, .commits = 50}));

    for (CommitIndex index = 0; index < graph.size(); ++index) {
        EXPECT_TRUE(graph.contains(graph.nodes()[index].id));
        EXPECT_EQ(graph.index_of(graph.nodes()[index].id), index);
    }
    EXPECT_FALSE(graph.contains(planned_id(9999)));
    EXPECT_EQ(code_of([&] { static_cast<void>(graph.index_of(planned_id(9999))); }),
              ErrorCode::not_found);
}

TEST(CommitGraph, RefusesParentsBeforeChildrenAndTwins) {
    using Nodes = std::vector<CommitGraph::Node>;
    const auto build = [](const Nodes& nodes) {
        return [nodes] {
            CommitGraph graph(nodes);
        };
    };

    EXPECT_EQ(code_of(build({{planned_id(1), {0}}})), ErrorCode::bad_input);
    EXPECT_EQ(code_of(build({{planned_id(1), {}}, {planned_id(2), {0}}})), ErrorCode::bad_input);
    EXPECT_EQ(code_of(build({{planned_id(1), {2}}, {planned_id(2), {}}})), ErrorCode::bad_input);
    EXPECT_EQ(code_of(build({{planned_id(1), {}}, {planned_id(1), {}}})), ErrorCode::bad_input);
}

TEST(Words, NameEveryValueAndNothingElse) {
    for (const auto verdict : {Verdict::good, Verdict::bad, Verdict::skip}) {
        EXPECT_EQ(verdict_from(to_string(verdict)), verdict);
    }
    for (const auto direction : {Direction::higher_is_better, Direction::lower_is_better}) {
        EXPECT_EQ(direction_from(to_string(direction)), direction);
    }
    for (const auto kind : {TaskKind::end_good, TaskKind::end_bad, TaskKind::probe,
                            TaskKind::confirm_bad, TaskKind::confirm_parent, TaskKind::lookahead}) {
        EXPECT_EQ(task_kind_from(to_string(kind)), kind);
    }
    EXPECT_FALSE(verdict_from("Good"));
    EXPECT_FALSE(direction_from(""));
    EXPECT_FALSE(task_kind_from("merge"));
}

} // namespace
} // namespace lab::core::test
