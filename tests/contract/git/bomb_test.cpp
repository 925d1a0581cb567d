// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/commit_changes.h"
#include "adapters/git/libgit.h"
#include "adapters/git/read_guard.h"
#include "base/clock.h"
#include "base/error.h"
#include "tests/contract/git/trees.h"

#include <functional>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <thread>

namespace lab::testing {
namespace {

using core::CommitId;
using ::testing::HasSubstr;

/// A tree that holds one object under many names.
std::string tree_of(const TestRepo& repo, const std::string& object, unsigned count) {
    std::string lines;
    for (unsigned i = 0; i < count; ++i) {
        lines += object + "\tn" + std::to_string(i) + "\n";
    }
    return repo.git({"mktree"}, lines);
}

std::string file_of(const TestRepo& repo, std::size_t size) {
    return "100644 blob " + repo.git({"hash-object", "-w", "--stdin"}, std::string(size, '0'));
}

/// Trees in each other, each of which holds the next under many names.
std::string nested(const TestRepo& repo, std::string object, unsigned levels, unsigned width) {
    for (unsigned i = 1; i < levels; ++i) {
        object = "040000 tree " + tree_of(repo, object, width);
    }
    return tree_of(repo, object, width);
}

struct Bomb {
    const char* name;
    std::function<std::string(const TestRepo&)> tree;
    const char* reason;
};

void PrintTo(const Bomb& bomb, std::ostream* out) {
    *out << bomb.name;
}

class GitBomb : public ::testing::TestWithParam<Bomb> {};

/// 10,000,000,000 files would be written for ever.
TEST_P(GitBomb, IsNothingToBeUnpackedOrCompared) {
    const TestRepo repo;
    const auto good = repo.commit_tree(tree_of(repo, file_of(repo, 1), 3), {}, "good");
    const auto bomb = repo.commit_tree(GetParam().tree(repo), {good}, "bomb");
    const auto checkout = repo.repo().make_checkout(repo.scratch() / "checkout");
    ASSERT_FALSE(checkout->check_out(good, {}));
    const auto before = snapshot(checkout->directory());
    const auto tar = repo.scratch() / "tar";

    const auto unfit = checkout->check_out(bomb, {});
    const auto whole = repo.repo().write_delta(std::nullopt, bomb, tar, {});
    const auto onto_bomb = repo.repo().write_delta(bomb, good, tar, {});

    ASSERT_TRUE(unfit);
    EXPECT_THAT(unfit->reason, HasSubstr("source tree of " + bomb.abbreviated() + ": "));
    EXPECT_THAT(unfit->reason, HasSubstr(GetParam().reason));
    EXPECT_EQ(snapshot(checkout->directory()), before);
    ASSERT_FALSE(whole);
    EXPECT_EQ(whole.error().reason, unfit->reason);
    EXPECT_FALSE(onto_bomb);
    EXPECT_FALSE(fs::exists(tar));
    EXPECT_EQ(repo.repo().tree_distance(good, bomb, {}), std::numeric_limits<std::uint64_t>::max());
    EXPECT_FALSE(repo.repo().changed_paths(good, bomb, {}));
    EXPECT_THROW(static_cast<void>(adapters::make_commit_changes()->changes(repo.work(), bomb)),
                 Error);
    ASSERT_FALSE(checkout->check_out(good, {})) << "the checkout is used again";
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, GitBomb,
    ::testing::Values(
        Bomb{"ManyFiles",
             [](const TestRepo& repo) { return nested(repo, file_of(repo, 0), 10, 10); },
             "holds too many files (at most 1000000; git config lab.maxFiles sets it)"},
        Bomb{"ManyDirectories",
             [](const TestRepo& repo) {
                 return nested(repo, "040000 tree " + tree_of(repo, "", 0), 10, 10);
             },
             "holds too many files"},
        Bomb{"ManyBytes",
             [](const TestRepo& repo) { return nested(repo, file_of(repo, 1U << 20U), 10, 10); },
             "holds too many bytes (at most 16.0 GiB; git config lab.maxBytes sets it)"},
        Bomb{"Deep", [](const TestRepo& repo) { return nested(repo, file_of(repo, 1), 600, 1); },
             "is too deep (at most 500 directories)"},
        Bomb{"LongPaths",
             [](const TestRepo& repo) {
                 const std::string name(250, 'x');
                 auto object = file_of(repo, 1);
                 for (int i = 0; i < 17; ++i) {
                     object = "040000 tree " + repo.git({"mktree"}, object + "\t" + name + "\n");
                 }
                 return object.substr(12);
             },
             "has too long paths below it (at most 4000 bytes)"},
        Bomb{"LongName",
             [](const TestRepo& repo) {
                 return repo.git({"mktree"},
                                 file_of(repo, 1) + "\t" + std::string(256, 'x') + "\n");
             },
             "names of more than 255 bytes"}),
    [](const auto& row) { return row.param.name; });

TEST(GitLimits, HoldForAFileThatWouldFillTheMemory) {
    adapters::GitLimits limits;
    limits.file_bytes = Bytes{100};
    const TestRepo repo(limits);
    const auto fits = repo.commit_tree(tree_of(repo, file_of(repo, 100), 2), {}, "fits");
    const auto large = repo.commit_tree(tree_of(repo, file_of(repo, 101), 1), {}, "large");
    const auto tar = repo.scratch() / "tar";

    EXPECT_TRUE(repo.repo().write_delta(std::nullopt, fits, tar, {}));
    const auto refused = repo.repo().write_delta(std::nullopt, large, tar, {});

    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().reason, HasSubstr("'n0' is a file of 101 B (at most 100 B; "));
}

TEST(GitLimits, AreSetByTheConfigurationOfTheRepository) {
    const TestRepo repo;
    const auto commit = repo.commit_tree(tree_of(repo, file_of(repo, 100), 3), {}, "commit");
    const auto fits = [&] {
        return repo.repo().changed_paths(std::nullopt, commit, {}).has_value();
    };
    EXPECT_TRUE(fits());

    repo.git({"config", "lab.maxFiles", "2"});
    EXPECT_FALSE(fits());
    repo.git({"config", "lab.maxFiles", "3"});
    EXPECT_TRUE(fits());
    repo.git({"config", "lab.maxBytes", "299"});
    EXPECT_FALSE(fits());
    repo.git({"config", "lab.maxBytes", "1k"});
    EXPECT_TRUE(fits());
    repo.git({"config", "lab.maxFileBytes", "99"});
    EXPECT_FALSE(fits());
}

TEST(GitLimits, LeaveSomeOfTheFileSystemFree) {
    adapters::GitLimits limits;
    limits.left_free = Bytes{std::uint64_t{1} << 62U};
    const TestRepo repo(limits);
    const auto commit = repo.commit_tree(tree_of(repo, file_of(repo, 1), 3), {}, "commit");
    const auto checkout = repo.repo().make_checkout(repo.scratch() / "checkout");
    const auto tar = repo.scratch() / "tar";
    const std::vector<std::function<void()>> writers{
        [&] { static_cast<void>(checkout->check_out(commit, {})); },
        [&] {
            static_cast<void>(repo.repo().write_delta(std::nullopt, commit, tar, {}));
        }};

    for (const auto& write : writers) {
        try {
            write();
            ADD_FAILURE() << "there was room";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::infra);
            EXPECT_THAT(error.what(), HasSubstr("no room on its file system"));
        }
    }
    EXPECT_FALSE(fs::exists(repo.scratch() / "checkout/n0"));
    EXPECT_FALSE(fs::exists(tar));
}

TEST(Cancelling, LeavesACheckoutInItsMiddle) {
    const TestRepo repo;
    const auto commit =
        repo.commit_tree(tree_of(repo, "040000 tree " + tree_of(repo, file_of(repo, 10), 300), 200),
                         {}, "many files");
    const auto checkout = repo.repo().make_checkout(repo.scratch() / "checkout");
    std::stop_source stop;
    auto done = std::async(std::launch::async,
                           [&] { return checkout->check_out(commit, stop.get_token()); });
    const auto deadline = Deadline::in(std::chrono::seconds(60));
    while (!fs::exists(checkout->directory() / "n0/n0") && !deadline.passed()) {
        std::this_thread::yield();
    }

    stop.request_stop();

    EXPECT_THROW(static_cast<void>(done.get()), Cancelled);
    EXPECT_FALSE(fs::exists(checkout->directory() / "n99/n99")) << "the last in git's order";
}

/// A checkout takes no callback that could end it: what it reads ends it.
TEST(ReadGuard, EndsACheckoutInItsMiddle) {
    TestRepo repo;
    for (int i = 10; i < 60; ++i) {
        repo.write("file" + std::to_string(i), std::to_string(i));
    }
    const auto commit = repo.commit_all("fifty files");
    repo.git({"checkout", "-q", "--orphan", "empty"});
    repo.git({"rm", "-q", "-r", "-f", "."});
    const auto repository = adapters::git::open_repository(repo.work());
    const auto found = adapters::git::find_commit(repository.get(), adapters::git::to_oid(commit));
    int reads = 0;
    adapters::git::guard_reads(repository.get(),
                               [&] { return ++reads > 20 ? "enough was read" : nullptr; });
    git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
    options.checkout_strategy = GIT_CHECKOUT_FORCE;

    const int code = git_checkout_tree(repository.get(),
                                       reinterpret_cast<const git_object*>(found.get()), &options);

    EXPECT_LT(code, 0);
    EXPECT_STREQ(git_error_last()->message, "enough was read");
    EXPECT_TRUE(fs::exists(repo.work() / "file10"));
    EXPECT_FALSE(fs::exists(repo.work() / "file59"));
}

TEST(ReadGuard, EndsAWalkOverCommits) {
    const TestRepo repo;
    const auto tree = tree_of(repo, file_of(repo, 1), 1);
    std::vector<CommitId> line;
    for (int i = 0; i < 5; ++i) {
        line.push_back(repo.commit_tree(
            tree, i == 0 ? std::vector<CommitId>() : std::vector<CommitId>{line.back()},
            std::to_string(i)));
    }
    std::stop_source stop;
    const auto repository = adapters::git::open_repository(repo.work(), stop.get_token());
    git_oid next{};
    git_revwalk* made = nullptr;
    ASSERT_EQ(git_revwalk_new(&made, repository.get()), 0);
    const adapters::git::Walk walk(made);
    const auto start = adapters::git::to_oid(line.back());

    ASSERT_EQ(git_revwalk_push(walk.get(), &start), 0);

    stop.request_stop();
    const int code = git_revwalk_next(&next, walk.get());

    ASSERT_TRUE(code < 0 && code != GIT_ITEROVER) << code;
    EXPECT_STREQ(git_error_last()->message, "was stopped");
}

} // namespace
} // namespace lab::testing
