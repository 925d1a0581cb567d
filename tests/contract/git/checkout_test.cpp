// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "tests/contract/git/trees.h"

#include <gtest/gtest.h>

namespace lab::testing {
namespace {

using core::CommitId;

/// What a checkout holds beside its repository.
std::map<std::string, std::string> work_tree(const ports::Checkout& checkout) {
    auto entries = snapshot(checkout.directory());
    std::erase_if(entries, [](const auto& entry) { return entry.first.starts_with(".git"); });
    return entries;
}

class Checkout : public ::testing::TestWithParam<unsigned> {};

TEST_P(Checkout, HasTheTreeOfAnyCommitInAnyOrder) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TestRepo repo;
    RandomTree tree(repo.work(), GetParam());
    std::vector<CommitId> commits;
    for (int i = 0; i < 8; ++i) {
        tree.change();
        commits.push_back(repo.commit_all(std::to_string(i)));
    }
    const auto checkout = repo.repo().make_checkout(repo.scratch() / "checkout");
    std::mt19937 random(GetParam());
    for (int step = 0; step < 10; ++step) {
        const auto& commit = commits[std::uniform_int_distribution<std::size_t>(0, 7)(random)];

        ASSERT_FALSE(checkout->check_out(commit, {}));

        const auto name = "export" + std::to_string(step);
        ASSERT_EQ(work_tree(*checkout), snapshot(exported(repo, commit, name))) << commit.hex();
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Checkout, ::testing::Values(1U, 2U, 3U));

/// Two commits: `same` is the same in both, `other` is not.
class WarmCheckout : public ::testing::Test {
protected:
    WarmCheckout() {
        repo_.write("same", "1");
        repo_.write("other", "1");
        first_ = repo_.commit_all("first");
        repo_.write("other", "2");
        second_ = repo_.commit_all("second");
    }

    [[nodiscard]] fs::path directory() const { return repo_.scratch() / "checkout"; }

    TestRepo repo_;
    std::optional<CommitId> first_;
    std::optional<CommitId> second_;
};

TEST_F(WarmCheckout, KeepsTimesAndWhatABuildLeft) {
    const auto checkout = repo_.repo().make_checkout(directory());
    ASSERT_FALSE(checkout->check_out(*first_, {}));
    write_file(directory() / "same.o", "object");
    const auto before = modified(directory() / "same");

    ASSERT_FALSE(checkout->check_out(*second_, {}));

    const auto after = modified(directory() / "same");
    EXPECT_EQ(std::pair(after.tv_sec, after.tv_nsec), std::pair(before.tv_sec, before.tv_nsec));
    EXPECT_EQ(read_file(directory() / "same.o"), "object");
    EXPECT_EQ(read_file(directory() / "other"), "2");
}

TEST_F(WarmCheckout, PutsBackWhatATestChanged) {
    const auto checkout = repo_.repo().make_checkout(directory());
    ASSERT_FALSE(checkout->check_out(*first_, {}));
    write_file(directory() / "same", "changed by a test");
    fs::remove(directory() / "other");

    ASSERT_FALSE(checkout->check_out(*first_, {}));

    EXPECT_EQ(read_file(directory() / "same"), "1");
    EXPECT_EQ(read_file(directory() / "other"), "1");
}

TEST_F(WarmCheckout, IsTakenOverAfterACrash) {
    ASSERT_FALSE(repo_.repo().make_checkout(directory())->check_out(*first_, {}));
    write_file(directory() / ".git" / "index.lock", "");
    write_file(directory() / ".git" / "HEAD.lock", "");

    ASSERT_FALSE(repo_.repo().make_checkout(directory())->check_out(*second_, {}));

    EXPECT_EQ(read_file(directory() / "other"), "2");
    const auto head =
        run_process_checked({.argv = {"git", "-C", directory().string(), "rev-parse", "HEAD"}});
    EXPECT_EQ(trim(head.out), second_->hex());
}

/// What a command may do in its checkout, as text for a shell.
class Mischief : public WarmCheckout, public ::testing::WithParamInterface<const char*> {};

TEST_P(Mischief, HarmsNoOtherCommit) {
    repo_.write("d/inner", "1");
    repo_.write("other", "3");
    const auto third = repo_.commit_all("third");
    const auto elsewhere = repo_.scratch() / "elsewhere";
    fs::create_directory(elsewhere);
    const auto checkout = repo_.repo().make_checkout(directory());
    ASSERT_FALSE(checkout->check_out(third, {}));
    run_process_checked({.argv = {"sh", "-c", GetParam()},
                         .environment = {{"ELSEWHERE", elsewhere.string()}},
                         .directory = directory()});

    for (const auto& commit : {third, *second_, third}) {
        ASSERT_FALSE(checkout->check_out(commit, {}));

        auto files = work_tree(*checkout);
        std::erase_if(files, [](const auto& entry) { return entry.first.starts_with("mine"); });
        EXPECT_EQ(files, snapshot(exported(repo_, commit, commit.hex())));
        fs::remove_all(repo_.scratch() / commit.hex());
        const auto git = [&](const std::string& what) {
            return std::string(trim(
                run_process_checked({.argv = {"git", "-C", directory().string(), what, "HEAD"}})
                    .out));
        };
        EXPECT_EQ(git("rev-parse"), commit.hex());
        EXPECT_EQ(git("diff-index"), "");
    }
    EXPECT_TRUE(fs::is_empty(elsewhere));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Mischief,
    ::testing::Values(
        "touch .git/index.lock .git/HEAD.lock .git/config.lock", "rm -rf .git",
        "rm -rf .git && echo 'gitdir: /nowhere' > .git", "rm -rf .git && ln -s \"$ELSEWHERE\" .git",
        "rm .git/HEAD && mkdir .git/HEAD", "rm -r .git/refs",
        "rm .git/index && mkdir -p .git/index/x", "rm -rf \"$PWD\"", "rm -rf ./*",
        "rm -rf \"$PWD\" && ln -s \"$ELSEWHERE\" \"$PWD\"",
        "rm other && mkdir -p other/mine && echo x > other/mine/y",
        "rm -r d && ln -s \"$ELSEWHERE\" d", "rm -r d && echo x > d", "rm other && mkfifo other",
        "rm other && ln -s same other", "chmod 0 same other d; chmod 500 .", "chmod +x other",
        "git -c user.name=t -c user.email=t@x commit -qam mine --allow-empty",
        "git update-index --assume-unchanged other && echo x > other",
        "git update-index --skip-worktree other && rm other", "echo x > .git/index; echo x > other",
        "git config core.worktree /nowhere; git config core.bare true",
        "echo x > other; touch -r same other", "mkdir mine && chmod 0 mine",
        "mkdir .git/rebase-apply; echo x > .git/MERGE_HEAD"));

TEST_F(WarmCheckout, KnowsOnlyCommitsOfTheRepository) {
    const auto checkout = repo_.repo().make_checkout(directory());

    try {
        static_cast<void>(checkout->check_out(CommitId(std::string(40, '1')), {}));
        FAIL() << "a commit that is nowhere";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
    }
}

} // namespace
} // namespace lab::testing
