// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/git_repo.h"

#include "adapters/git/checkout.h"
#include "adapters/git/commit_range.h"
#include "adapters/git/delta_tar.h"
#include "adapters/git/libgit.h"
#include "adapters/git/revision.h"
#include "base/text.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <map>
#include <mutex>

namespace lab::adapters {
namespace {

using core::CommitId;

constexpr std::size_t longest_text = std::size_t{64} << 10U;

std::string foreign_text(const char* text) {
    return cap(to_valid_utf8(text != nullptr ? text : ""), longest_text);
}

/// git's default form: "Thu Apr 7 15:13:13 2005 -0700".
std::string format_git_date(const git_time& when) {
    const std::time_t local = static_cast<std::time_t>(when.time) + when.offset * 60;
    std::tm parts{};
    if (::gmtime_r(&local, &parts) == nullptr) {
        return "unknown date";
    }
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int minutes = std::abs(when.offset);
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%s %s %d %02d:%02d:%02d %d %c%02d%02d",
                  days.at(static_cast<std::size_t>(parts.tm_wday)),
                  months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_mday, parts.tm_hour,
                  parts.tm_min, parts.tm_sec, parts.tm_year + 1900, when.offset < 0 ? '-' : '+',
                  minutes / 60, minutes % 60);
    return text.data();
}

class GitRepo : public ports::SourceRepo {
public:
    explicit GitRepo(std::string path) : path_(std::move(path)) {
        static_cast<void>(git::open_repository(path_));
    }

    Parsed<CommitId> resolve(const std::string& revision) override {
        const auto repository = git::open_repository(path_);
        return git::resolve_revision(repository.get(), revision);
    }

    ports::CommitInfo info(const CommitId& id) override;

    ports::CommitRange range(const std::vector<CommitId>& good, const CommitId& bad,
                             const ports::RangeOptions& options) override {
        const auto repository = git::open_repository(path_);
        return {git::commit_range(repository.get(), good, bad, options),
                git::merge_bases(repository.get(), good, bad)};
    }

    std::unique_ptr<ports::Checkout>
    make_checkout(const std::filesystem::path& directory) override {
        return git::make_checkout(git::open_repository(path_).get(), directory);
    }

    bool is_ancestor(const CommitId& ancestor, const CommitId& commit) override {
        const auto repository = git::open_repository(path_);
        const auto older = git::to_oid(ancestor);
        const auto newer = git::to_oid(commit);
        static_cast<void>(git::find_commit(repository.get(), older));
        static_cast<void>(git::find_commit(repository.get(), newer));
        const int answer = git_graph_descendant_of(repository.get(), &newer, &older);
        git::require(answer, "walk from commit", commit.hex());
        return ancestor == commit || answer == 1;
    }

    std::uint64_t tree_distance(const CommitId& a, const CommitId& b) override {
        const auto repository = git::open_repository(path_);
        const auto from = tree(repository, a);
        const auto to = tree(repository, b);
        return git::compare_trees(repository.get(), from.get(), to.get()).differing_files;
    }

    std::vector<std::string> changed_paths(const std::optional<CommitId>& from,
                                           const CommitId& to) override {
        const auto repository = git::open_repository(path_);
        const auto from_tree = from ? tree(repository, *from) : nullptr;
        const auto to_tree = tree(repository, to);
        auto delta = git::compare_trees(repository.get(), from_tree.get(), to_tree.get());
        auto paths = std::move(delta.deleted);
        paths.insert(paths.end(), delta.submodules.begin(), delta.submodules.end());
        for (auto& file : delta.files) {
            paths.push_back(std::move(file.path));
        }
        return paths;
    }

    ports::DeltaInfo write_delta(const std::optional<CommitId>& from, const CommitId& to,
                                 const std::filesystem::path& tar,
                                 const std::stop_token& stop) override {
        const auto repository = git::open_repository(path_);
        const auto from_tree = from ? tree(repository, *from) : nullptr;
        const auto to_tree = tree(repository, to);
        const auto delta = git::compare_trees(repository.get(), from_tree.get(), to_tree.get());
        return git::write_delta_tar(repository.get(), delta, tar, stop);
    }

private:
    static git::Tree tree(const git::Repository& repository, const CommitId& id) {
        return git::tree_of(git::find_commit(repository.get(), git::to_oid(id)));
    }

    git::Library library_;
    std::string path_;
};

ports::CommitInfo GitRepo::info(const CommitId& id) {
    const auto repository = git::open_repository(path_);
    const auto commit = git::find_commit(repository.get(), git::to_oid(id));
    const auto* author = git_commit_author(commit.get());
    ports::CommitInfo info;
    info.id = id;
    info.tree = git::to_hex(*git_commit_tree_id(commit.get()));
    info.author = foreign_text(author->name) + " <" + foreign_text(author->email) + ">";
    info.date = format_git_date(author->when);
    info.subject = foreign_text(git_commit_summary(commit.get()));
    info.message = foreign_text(git_commit_message(commit.get()));
    for (unsigned i = 0; i < git_commit_parentcount(commit.get()); ++i) {
        info.parents.push_back(git::to_id(*git_commit_parent_id(commit.get(), i)));
    }
    return info;
}

class GitRepos : public ports::SourceRepos {
public:
    std::shared_ptr<ports::SourceRepo> open(const std::filesystem::path& path) override {
        std::error_code failed;
        auto key = std::filesystem::canonical(path, failed).string();
        if (failed) {
            throw Error(ErrorCode::not_found,
                        "cannot open repository '" + path.string() + "': " + failed.message());
        }
        const std::lock_guard lock(mutex_);
        auto& repo = repos_[key];
        if (!repo) {
            try {
                repo = std::make_shared<GitRepo>(key);
            } catch (...) {
                repos_.erase(key);
                throw;
            }
        }
        return repo;
    }

private:
    git::Library library_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<ports::SourceRepo>> repos_;
};

} // namespace

std::unique_ptr<ports::SourceRepos> make_git_repos() {
    return std::make_unique<GitRepos>();
}

} // namespace lab::adapters
