// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/git/test_repo.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/sha256.h"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <sys/stat.h>
#include <thread>

namespace lab::testing {
namespace {

namespace fs = std::filesystem;
using core::CommitId;

/// What a tree holds: path -> type, executable bit and content.
std::map<std::string, std::string> snapshot(const fs::path& directory) {
    std::map<std::string, std::string> entries;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        const auto name = entry.path().lexically_relative(directory).string();
        if (entry.is_symlink()) {
            entries[name] = "link " + fs::read_symlink(entry.path()).string();
        } else if (entry.is_directory()) {
            entries[name] = "directory";
        } else {
            const bool executable =
                (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
            entries[name] = (executable ? "program " : "file ") + read_file(entry.path());
        }
    }
    return entries;
}

timespec modified(const fs::path& file) {
    struct stat status {};
    EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
    return status.st_mtim;
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

/// Changes a work tree at random, with all that makes trees hard to carry over.
class RandomTree {
public:
    RandomTree(fs::path root, unsigned seed) : root_(std::move(root)), random_(seed) {}

    void change() {
        for (int i = 0; i < 8; ++i) {
            const auto path = root_ / pick_path();
            clear_way(path);
            switch (number(5)) {
            case 0:
                break; // cleared away: deleted
            case 1:
                fs::create_symlink(pick_path(), path);
                break;
            case 2:
                std::ofstream(path) << "";
                break;
            default:
                std::ofstream(path) << "content " << number(1000);
                fs::permissions(path, number(2) == 0 ? fs::perms{0755} : fs::perms{0644});
            }
        }
    }

private:
    int number(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

    /// Few names at three levels, so that files, links and directories often change places.
    std::string pick_path() {
        static const std::vector<std::string> names{
            "a", "b", "-rf", "sp ace", "new\nline", "grün", "\xff\xfe", std::string(150, 'l')};
        std::string path;
        for (int level = number(3); level >= 0; --level) {
            path += (path.empty() ? "" : "/") +
                    names[static_cast<std::size_t>(number(static_cast<int>(names.size())))];
        }
        return path;
    }

    /// Removes what is at the path, and files and links where its directories are to be.
    void clear_way(const fs::path& path) {
        fs::path part = root_;
        for (const auto& name : path.parent_path().lexically_relative(root_)) {
            part /= name;
            if (fs::is_symlink(part) || fs::is_regular_file(part)) {
                fs::remove(part);
            }
        }
        fs::create_directories(path.parent_path());
        fs::remove_all(path);
    }

    fs::path root_;
    std::mt19937 random_;
};

fs::path exported(const TestRepo& repo, const CommitId& commit, const std::string& name) {
    const auto tar = repo.scratch() / (name + ".tar");
    const auto tree = repo.scratch() / name;
    fs::create_directories(tree);
    repo.git({"archive", "--format=tar", "-o", tar.string(), commit.hex()});
    run_process_checked({.argv = {"tar", "-x", "-f", tar.string(), "-C", tree.string()}});
    return tree;
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

        const auto info = repo.repo().write_delta(from, to, tar, {});
        apply(tar, base);

        const auto name = "export" + std::to_string(step);
        ASSERT_EQ(snapshot(base / "src"), snapshot(exported(repo, to, name))) << to.hex();
        EXPECT_EQ(fs::file_size(tar) % 512, 0U);
        EXPECT_TRUE(info.warnings.empty());
        if (from) {
            EXPECT_EQ(repo.repo().tree_distance(*from, to),
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
    static_cast<void>(repo.repo().write_delta(std::nullopt, first, tar, {}));
    apply(tar, base);
    const auto old_same = modified(base / "src/same");
    const auto old_changed = modified(base / "src/changed");

    const auto info = repo.repo().write_delta(first, second, tar, {});
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

    static_cast<void>(repo.repo().write_delta(std::nullopt, first, repo.scratch() / "a", {}));
    static_cast<void>(repo.repo().write_delta(std::nullopt, again, repo.scratch() / "b", {}));

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

    const auto info = repo.repo().write_delta(first, second, tar, {});

    ASSERT_EQ(info.warnings.size(), 1U);
    EXPECT_NE(info.warnings[0].find("'sub'"), std::string::npos);
    EXPECT_EQ(info.changed_files, 0U);
    EXPECT_EQ(repo.repo().tree_distance(first, second), 0U);
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

        try {
            static_cast<void>(repo.repo().write_delta(std::nullopt, commit, tar, {}));
            ADD_FAILURE() << "no error for " << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::bad_input);
            EXPECT_NE(std::string(error.what()).find("'" + name + "'"), std::string::npos)
                << error.what();
        }
        EXPECT_FALSE(fs::exists(tar));
    }
}

TEST(DeltaHostileTree, RefusesALinkWithoutATarget) {
    TestRepo repo;
    write_file(repo.scratch() / "blob", "");
    const auto blob = repo.git({"hash-object", "-w", (repo.scratch() / "blob").string()});
    const auto commit = repo.commit_tree(raw_tree(repo, "120000", "link", blob), {}, "hostile");

    EXPECT_THROW(static_cast<void>(
                     repo.repo().write_delta(std::nullopt, commit, repo.scratch() / "tar", {})),
                 Error);
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

/// Everything about the files of a directory that a writer would change.
std::map<std::string, std::string> fingerprint(const fs::path& directory) {
    std::map<std::string, std::string> entries;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        const auto time = modified(entry.path());
        entries[entry.path().string()] =
            std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec) + " " +
            (entry.is_regular_file() ? sha256_of_file(entry.path()) : "");
    }
    return entries;
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
    static_cast<void>(repo.repo().tree_distance(first, second));
    static_cast<void>(repo.repo().write_delta(first, second, repo.scratch() / "tar", {}));

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
