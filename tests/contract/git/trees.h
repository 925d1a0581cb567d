// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sha256.h"
#include "tests/contract/git/test_repo.h"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <sys/stat.h>

namespace lab::testing {

namespace fs = std::filesystem;

/// What a tree holds: path -> type, executable bit and content.
inline std::map<std::string, std::string> snapshot(const fs::path& directory) {
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

inline timespec modified(const fs::path& file) {
    struct stat status {};
    EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
    return status.st_mtim;
}

/// Everything about the files of a directory that a writer would change.
inline std::map<std::string, std::string> fingerprint(const fs::path& directory) {
    std::map<std::string, std::string> entries;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        const auto time = modified(entry.path());
        entries[entry.path().string()] =
            std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec) + " " +
            (entry.is_regular_file() ? sha256_of_file(entry.path()) : "");
    }
    return entries;
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

/// The tree of a commit, as git writes it into a directory.
inline fs::path exported(const TestRepo& repo, const core::CommitId& commit,
                         const std::string& name) {
    const auto tar = repo.scratch() / (name + ".tar");
    const auto tree = repo.scratch() / name;
    fs::create_directories(tree);
    repo.git({"archive", "--format=tar", "-o", tar.string(), commit.hex()});
    run_process_checked({.argv = {"tar", "-x", "-f", tar.string(), "-C", tree.string()}});
    return tree;
}

} // namespace lab::testing
