// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/git_repo.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lab::testing {

/// A repository in a temporary directory, written by the real git and read by the adapter.
class TestRepo {
public:
    explicit TestRepo(const adapters::GitLimits& limits = {})
        : repos_(adapters::make_git_repos(limits)),
          directory_(std::filesystem::temp_directory_path(), "lab-git-") {
        std::filesystem::create_directory(work());
        git({"init", "-q", "-b", "main"});
        repo_ = repos_->open(work());
    }

    [[nodiscard]] std::filesystem::path work() const { return directory_.path() / "repo"; }
    [[nodiscard]] std::filesystem::path scratch() const { return directory_.path(); }
    [[nodiscard]] ports::SourceRepo& repo() const { return *repo_; }

    /// Output of git without the last newline; fails the test's setup when git fails.
    std::string git(std::vector<std::string> arguments, const std::string& input = {}) const {
        arguments.insert(arguments.begin(), "git");
        const auto date = std::to_string(date_) + " +0200";
        const auto result =
            run_process_checked({.argv = std::move(arguments),
                                 .environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"},
                                                 {"GIT_CONFIG_SYSTEM", "/dev/null"},
                                                 {"GIT_AUTHOR_NAME", "Ada"},
                                                 {"GIT_AUTHOR_EMAIL", "ada@example.org"},
                                                 {"GIT_COMMITTER_NAME", "Ada"},
                                                 {"GIT_COMMITTER_EMAIL", "ada@example.org"},
                                                 {"GIT_AUTHOR_DATE", date},
                                                 {"GIT_COMMITTER_DATE", date}},
                                 .directory = work(),
                                 .input = input});
        return std::string(trim(result.out));
    }

    std::vector<std::string> git_lines(std::vector<std::string> arguments) const {
        const auto text = git(std::move(arguments));
        return text.empty() ? std::vector<std::string>() : split(text, '\n');
    }

    core::CommitId commit_all(const std::string& message) {
        date_ += 60;
        git({"add", "-A"});
        git({"commit", "-q", "--allow-empty", "-m", message});
        return head();
    }

    [[nodiscard]] core::CommitId head() const { return core::CommitId(git({"rev-parse", "HEAD"})); }

    void write(const std::string& path, const std::string& content) const {
        const auto file = work() / path;
        std::filesystem::create_directories(file.parent_path());
        write_file(file, content);
    }

    /// A commit of a tree that exists, on any parents.
    core::CommitId commit_tree(const std::string& tree, const std::vector<core::CommitId>& parents,
                               const std::string& message) const {
        std::vector<std::string> arguments{"commit-tree", tree, "-m", message};
        for (const auto& parent : parents) {
            arguments.insert(arguments.end(), {"-p", parent.hex()});
        }
        return core::CommitId(git(arguments));
    }

private:
    std::unique_ptr<ports::SourceRepos> repos_;
    TemporaryDirectory directory_;
    std::shared_ptr<ports::SourceRepo> repo_;
    long long date_ = 1'700'000'000;
};

} // namespace lab::testing
