// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/git/trees.h"

#include "base/clock.h"
#include "base/error.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <thread>

namespace lab::testing {
namespace {

using core::CommitId;
using ::testing::HasSubstr;

/// A delta that can be written.
ports::DeltaInfo write(const TestRepo& repo, const std::optional<CommitId>& from,
                       const CommitId& to, const fs::path& tar) {
    return repo.repo().write_delta(from, to, tar, {}).value();
}

/// Applies a delta as the build machine's script does.
void apply(const fs::path& tar, const fs::path& base) {
    const TemporaryDirectory work(base, "delta-");
    fs::create_directories(base / "src");
    run_process_checked({.argv = {"tar", "-x", "-f", tar.string(), "-C", work.path().string(),
                                  "--occurrence=1", "lab-delta/deleted"}});
    run_process_checked({.argv = {"xargs", "-0", "-r", "-a",
                                  (work.path() / "lab-delta/deleted").string(), "rm", "-rf", "--"},
                         .directory = base / "src"});
    run_process_checked(
        {.argv = {"tar", "-x", "-m", "-o", "-f", tar.string(), "-C", base.string(), "src"}});
}

class Delta : public ::testing::TestWithParam<unsigned> {};

TEST_P(Delta, LeadsFromAnyCommitToAnyOther) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TestRepo repo;
    RandomTree tree(repo.work(), GetParam());
    std::mt19937 random(GetParam());
    std::vector<CommitId> commits;
    for (int i = 0; i < 12; ++i) {
        tree.change();
        commits.push_back(repo.commit_all(std::to_string(i)));
    }
    const auto base = repo.scratch() / "base";
    fs::create_directories(base);
    const auto tar = repo.scratch() / "delta.tar";
    std::optional<CommitId> from;
    for (int step = 0; step < 12; ++step) {
        const auto& to = commits[std::uniform_int_distribution<std::size_t>(0, 11)(random)];

        const auto info = write(repo, from, to, tar);
        apply(tar, base);

        const auto name = "export" + std::to_string(step);
        ASSERT_EQ(snapshot(base / "src"), snapshot(exported(repo, to, name))) << to.hex();
        EXPECT_EQ(fs::file_size(tar) % 512, 0U);
        EXPECT_TRUE(info.warnings.empty());
        if (from) {
            EXPECT_EQ(repo.repo().tree_distance(*from, to, {}),
                      repo.git_lines({"diff", "--name-only", "--no-renames", from->hex(), to.hex()})
                          .size());
        }
        from = to;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Delta, ::testing::Values(1U, 2U, 3U));

TEST(DeltaTimes, ChangedFilesAreNewAndOthersUntouched) {
    TestRepo repo;
    repo.write("changed", "1");
    repo.write("same", "1");
    const auto first = repo.commit_all("first");
    repo.write("changed", "2");
    const auto second = repo.commit_all("second");
    const auto base = repo.scratch() / "base";
    const auto tar = repo.scratch() / "delta.tar";
    static_cast<void>(write(repo, std::nullopt, first, tar));
    apply(tar, base);
    const auto old_same = modified(base / "src/same");
    const auto old_changed = modified(base / "src/changed");

    const auto info = write(repo, first, second, tar);
    apply(tar, base);

    EXPECT_EQ(info.changed_files, 1U);
    EXPECT_EQ(info.bytes, 1U);
    const auto same = modified(base / "src/same");
    const auto changed = modified(base / "src/changed");
    EXPECT_EQ(std::pair(same.tv_sec, same.tv_nsec), std::pair(old_same.tv_sec, old_same.tv_nsec));
    EXPECT_GT(std::pair(changed.tv_sec, changed.tv_nsec),
              std::pair(old_changed.tv_sec, old_changed.tv_nsec));
}

TEST(DeltaTimes, EqualTreesGiveEqualBytesAtAnyTime) {
    TestRepo repo;
    repo.write("file", "1");
    const auto first = repo.commit_all("first");
    const auto again = repo.commit_all("same tree, later");

    static_cast<void>(write(repo, std::nullopt, first, repo.scratch() / "a"));
    static_cast<void>(write(repo, std::nullopt, again, repo.scratch() / "b"));

    EXPECT_EQ(read_file(repo.scratch() / "a"), read_file(repo.scratch() / "b"));
}

TEST(DeltaSubmodule, IsLeftOutWithAWarning) {
    TestRepo repo;
    repo.write("file", "1");
    const auto first = repo.commit_all("first");
    repo.git({"update-index", "--add", "--cacheinfo", "160000," + first.hex() + ",sub"});
    repo.git({"commit", "-q", "-m", "submodule"});
    const auto second = repo.head();
    const auto tar = repo.scratch() / "delta.tar";

    const auto info = write(repo, first, second, tar);

    ASSERT_EQ(info.warnings.size(), 1U);
    EXPECT_NE(info.warnings[0].find("'sub'"), std::string::npos);
    EXPECT_EQ(info.changed_files, 0U);
    EXPECT_EQ(repo.repo().tree_distance(first, second, {}), 0U);
}

/// A tree object with one entry, made without any of git's checks.
std::string raw_tree(const TestRepo& repo, const std::string& mode, const std::string& name,
                     const std::string& id) {
    std::string bytes = mode + " " + name + '\0';
    for (std::size_t i = 0; i < id.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16));
    }
    const auto file = repo.scratch() / "tree";
    write_file(file, bytes);
    return repo.git({"hash-object", "-t", "tree", "--literally", "-w", file.string()});
}

TEST(DeltaHostileTree, IsRefusedAndNamed) {
    TestRepo repo;
    write_file(repo.scratch() / "blob", "text");
    const auto blob = repo.git({"hash-object", "-w", (repo.scratch() / "blob").string()});
    const auto inner = raw_tree(repo, "100644", "config", blob);
    const auto tar = repo.scratch() / "delta.tar";
    const std::vector<std::pair<std::string, std::string>> cases{
        {raw_tree(repo, "100644", "..", blob), ".."},
        {raw_tree(repo, "100644", ".", blob), "."},
        {raw_tree(repo, "100644", "../../etc/passwd", blob), "../../etc/passwd"},
        {raw_tree(repo, "100644", "/etc/passwd", blob), "/etc/passwd"},
        {raw_tree(repo, "40000", ".git", inner), ".git"},
        {raw_tree(repo, "40000", ".GIT", inner), ".GIT"},
        {raw_tree(repo, "40000", "sub", raw_tree(repo, "100644", "..", blob)), "sub/.."}};
    for (const auto& [tree, name] : cases) {
        const auto commit = repo.commit_tree(tree, {}, "hostile");

        const auto written = repo.repo().write_delta(std::nullopt, commit, tar, {});
        const auto checkout = repo.repo().make_checkout(repo.scratch() / "checkout");
        const auto unfit = checkout->check_out(commit, {});

        ASSERT_FALSE(written) << name;
        EXPECT_THAT(written.error().reason, HasSubstr("'" + name + "'"));
        ASSERT_TRUE(unfit) << name;
        EXPECT_EQ(unfit->reason, written.error().reason);
        EXPECT_FALSE(fs::exists(tar));
    }
}

TEST(DeltaHostileTree, RefusesALinkWithoutATarget) {
    TestRepo repo;
    write_file(repo.scratch() / "blob", "");
    const auto blob = repo.git({"hash-object", "-w", (repo.scratch() / "blob").string()});
    const auto commit = repo.commit_tree(raw_tree(repo, "120000", "link", blob), {}, "hostile");

    const auto written = repo.repo().write_delta(std::nullopt, commit, repo.scratch() / "tar", {});

    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().reason, HasSubstr("'link' is a symbolic link"));
    EXPECT_FALSE(fs::exists(repo.scratch() / "tar"));
}

TEST(DeltaCancelled, LeavesNoFile) {
    TestRepo repo;
    repo.write("file", "1");
    const auto commit = repo.commit_all("first");
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW(static_cast<void>(repo.repo().write_delta(
                     std::nullopt, commit, repo.scratch() / "tar", stop.get_token())),
                 Cancelled);
    EXPECT_FALSE(fs::exists(repo.scratch() / "tar"));
}

TEST(Repository, IsNeverWrittenTo) {
    TestRepo repo;
    repo.write("dir/file", "1");
    const auto first = repo.commit_all("first");
    repo.write("dir/file", "2");
    const auto second = repo.commit_all("second");
    repo.write("dir/file", "dirty");
    repo.git({"gc", "-q"});
    const auto before = fingerprint(repo.work());

    static_cast<void>(repo.repo().resolve("main~1"));
    static_cast<void>(repo.repo().resolve("nothing"));
    static_cast<void>(repo.repo().info(second));
    static_cast<void>(repo.repo().range({first}, second, {.paths = {"dir"}}));
    static_cast<void>(repo.repo().is_ancestor(first, second));
    static_cast<void>(repo.repo().tree_distance(first, second, {}));
    static_cast<void>(write(repo, first, second, repo.scratch() / "tar"));
    static_cast<void>(
        repo.repo().make_checkout(repo.scratch() / "checkout")->check_out(second, {}));

    EXPECT_EQ(fingerprint(repo.work()), before);
}

TEST(Repository, AnswersManyThreadsAtOnce) {
    TestRepo repo;
    for (int i = 0; i < 5; ++i) {
        repo.write("file", std::to_string(i));
        repo.commit_all(std::to_string(i));
    }
    const auto expected = repo.head();
    std::vector<std::jthread> threads;
    std::array<int, 4> right{};

    for (auto& count : right) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                const auto answer = repo.repo().resolve("main");
                count += answer.has_value() && answer.value() == expected ? 1 : 0;
            }
        });
    }
    threads.clear();

    EXPECT_EQ(right, (std::array<int, 4>{20, 20, 20, 20}));
}

} // namespace
} // namespace lab::testing
