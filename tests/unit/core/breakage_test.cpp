// SPDX-License-Identifier: Apache-2.0
#include "core/breakage.h"

#include "bisection_driver.h"

#include <gtest/gtest.h>

namespace lab::core::test {
namespace {

/// Of a line: number 1 is the oldest commit, `commits` the bad end.
class Line {
public:
    explicit Line(std::size_t commits)
        : range_(std::make_shared<const CommitGraph>(line_of(commits).range)),
          breakage_(range_, std::make_shared<const AncestorSums>(*range_)) {
        breakage_.worked(0);
    }

    void worked(std::size_t number) { breakage_.worked(place(number)); }
    void broke(std::size_t number, const std::string& reason = "") {
        breakage_.broke(place(number), reason);
    }

    [[nodiscard]] double testable(std::size_t number) const {
        return breakage_.testable()[place(number)];
    }

private:
    [[nodiscard]] CommitIndex place(std::size_t number) const {
        return range_->index_of(planned_id(number));
    }

    std::shared_ptr<const CommitGraph> range_;
    Breakage breakage_;
};

/// A range that forks behind the good end: 1 to 10 on one branch, 11 to 20 on the other, merged by
/// 21.
CommitGraph fork() {
    std::vector<PlannedCommit> plan(22);
    for (std::size_t i = 1; i <= 20; ++i) {
        plan[i].parents = {i == 11 ? 0 : i - 1};
    }
    plan[21].parents = {10, 20};
    return range_of(plan);
}

TEST(Breakage, SaysNothingWhileNothingIsBroken) {
    Line line(50);

    line.worked(25);

    EXPECT_EQ(line.testable(24), 1);
    EXPECT_EQ(line.testable(1), 1);
}

TEST(Breakage, FadesWithTheDistanceFromABrokenCommit) {
    Line line(300);

    line.broke(150);

    EXPECT_EQ(line.testable(150), 0);
    EXPECT_LT(line.testable(151), 0.5);
    EXPECT_LT(line.testable(151), line.testable(170));
    EXPECT_LT(line.testable(170), line.testable(220));
    EXPECT_GT(line.testable(295), 0.6);
}

TEST(Breakage, TakesOneThatWorksBetweenTwoForTheEndOfAStretch) {
    Line line(300);
    line.broke(100);
    line.broke(140);
    const double before = line.testable(120);

    line.worked(121);

    EXPECT_LT(before, 0.3);
    EXPECT_GT(line.testable(120), 0.5);
    EXPECT_LT(line.testable(101), line.testable(120));
}

TEST(Breakage, TakesDifferentReasonsForDifferentStretches) {
    Line same(300);
    same.broke(100, "a.c: error: no member");
    same.broke(200, "a.c: error: no member");
    Line different(300);
    different.broke(100, "a.c: error: no member");
    different.broke(200, "b.c: fatal error: no such file");

    EXPECT_LT(same.testable(150), 0.2);
    EXPECT_GT(different.testable(150), 2 * same.testable(150));
}

TEST(Breakage, LearnsThatBreakagesAreSingleCommits) {
    Line line(300);

    for (std::size_t number = 20; number < 280; number += 40) {
        line.broke(number);
        line.worked(number - 1);
        line.worked(number + 1);
    }
    line.broke(150);

    EXPECT_GT(line.testable(151), 0.5);
}

TEST(Breakage, GoesByWhatTwoCommitsHaveInCommon) {
    const auto range = std::make_shared<const CommitGraph>(fork());
    Breakage breakage(range, std::make_shared<const AncestorSums>(*range));
    const auto place = [&](std::size_t number) {
        return range->index_of(planned_id(number));
    };
    breakage.worked(0);

    breakage.broke(place(8), "one");
    const auto chances = breakage.testable();

    EXPECT_LT(chances[place(7)], chances[place(2)]);
    EXPECT_LT(chances[place(7)], chances[place(17)]) << "the other branch has nothing of it";
}

TEST(Breakage, IsKeptWhenTheSameCommitIsTestedLater) {
    Line line(20);

    line.broke(10);
    line.worked(10);

    EXPECT_EQ(line.testable(10), 0);
}

/// The case of a public report: one in three commits does not build, in a row, and the culprit is
/// not among them. Trying them outwards one by one took 116 runs.
TEST(Breakage, DoesNotTryAStretchCommitByCommit) {
    const auto scene = line_of(300);
    auto bisection = bayes_of(scene, {});

    const auto seen = drive(bisection, [&](const Task& task) -> Finding {
        const auto number = [&] {
            for (std::size_t i = 100; i < 200; ++i) {
                if (planned_id(i) == task.commit) {
                    return i;
                }
            }
            return std::size_t{0};
        }();
        if (number != 0) {
            return Unbuildable{"a.c:7: error: no member named 'frob'"};
        }
        return CommandExit{scene.holds(task.commit, planned_id(80)) ? 1 : 0};
    });

    ASSERT_TRUE(bisection.conclusion()->commit);
    EXPECT_EQ(*bisection.conclusion()->commit, planned_id(80));
    EXPECT_LE(seen.size(), 30U);
}

} // namespace
} // namespace lab::core::test
