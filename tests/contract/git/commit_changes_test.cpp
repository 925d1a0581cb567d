// SPDX-License-Identifier: Apache-2.0
// What commits change, against what git says of them.
#include "adapters/git/commit_changes.h"
#include "base/error.h"
#include "tests/contract/git/test_repo.h"

#include <gtest/gtest.h>

namespace lab::testing {
namespace {

/// `git show --numstat` in the form of the tests: "added deleted path", a line a file.
std::string told(const ports::ChangeSummary& summary) {
    std::string text;
    for (const auto& file : summary.files) {
        const auto count = [&](std::uint64_t lines) {
            return file.binary ? std::string("-") : std::to_string(lines);
        };
        text += count(file.added) + " " + count(file.deleted) + " " + file.path + "\n";
    }
    return text;
}

TEST(CommitChanges, AreThoseThatGitCounts) {
    TestRepo repo;
    repo.write("a", "1\n2\n3\n");
    repo.write("old", "one\ntwo\nthree\nfour\nfive\n");
    const auto first = repo.commit_all("first");
    repo.write("a", "1\nx\ny\n3\n");
    repo.write("b/new", "z\n");
    repo.write("binary", std::string("a\0b", 3));
    repo.git({"mv", "old", "renamed"});
    const auto second = repo.commit_all("second");
    const auto changes = adapters::make_commit_changes();

    const auto of_first = changes->changes(repo.work(), first);
    const auto of_second = changes->changes(repo.work(), second);

    EXPECT_EQ(told(of_first), "3 0 a\n5 0 old\n");
    EXPECT_EQ(told(of_second), "2 1 a\n1 0 b/new\n- - binary\n0 0 renamed\n");
    EXPECT_EQ(of_second.files_changed, 4U);
    EXPECT_EQ(of_second.added, 3U);
    EXPECT_EQ(of_second.deleted, 1U);
}

TEST(CommitChanges, OfAMergeAreAgainstItsFirstParent) {
    TestRepo repo;
    repo.write("a", "1\n");
    repo.commit_all("base");
    repo.git({"checkout", "-q", "-b", "side"});
    repo.write("side", "s\n");
    repo.commit_all("side");
    repo.git({"checkout", "-q", "main"});
    repo.write("main", "m\n");
    repo.commit_all("main");
    repo.git({"merge", "-q", "--no-ff", "-m", "merge", "side"});

    const auto of_merge = adapters::make_commit_changes()->changes(repo.work(), repo.head());

    EXPECT_EQ(told(of_merge), "1 0 side\n");
}

TEST(CommitChanges, OfNothingAreNotFound) {
    TestRepo repo;
    repo.commit_all("only");
    const auto changes = adapters::make_commit_changes();

    EXPECT_THROW(static_cast<void>(changes->changes(repo.scratch() / "none", repo.head())), Error);
    EXPECT_THROW(static_cast<void>(changes->changes(
                     repo.work(), core::CommitId("0123456789012345678901234567890123456789"))),
                 Error);
}

} // namespace
} // namespace lab::testing
