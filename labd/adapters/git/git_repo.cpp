// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/git_repo.h"

#include "adapters/git/attendant.h"
#include "adapters/git/checkout.h"
#include "adapters/git/commit_range.h"
#include "adapters/git/delta_tar.h"
#include "adapters/git/libgit.h"
#include "adapters/git/revision.h"
#include "adapters/git/tree_weight.h"
#include "base/text.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <limits>
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

git::Tree tree(const git::Repository& repository, const CommitId& id) {
    return git::tree_of(git::find_commit(repository.get(), git::to_oid(id)));
}

bool descends(const std::string& path, const CommitId& ancestor, const CommitId& commit) {
    const auto repository = git::open_repository(path);
    const auto older = git::to_oid(ancestor);
    const auto newer = git::to_oid(commit);
    static_cast<void>(git::find_commit(repository.get(), older));
    static_cast<void>(git::find_commit(repository.get(), newer));
    const int answer = git_graph_descendant_of(repository.get(), &newer, &older);
    git::require(answer, "walk from commit", commit.hex());
    return ancestor == commit || answer == 1;
}

ports::CommitInfo info_of(const std::string& path, const CommitId& id) {
    const auto repository = git::open_repository(path);
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

/// What leads from one commit to another.
struct Way {
    std::optional<CommitId> from;
    CommitId to;
};

using Delta = Expected<git::TreeDelta, ports::UnfitTree>;

Delta delta_of(const git::Repository& repository, const Way& way, git::TreeScales& scales,
               const std::stop_token& stop) {
    auto fault = scales.fault_of(repository.get(), way.to, stop);
    if (!fault && way.from) {
        fault = scales.fault_of(repository.get(), *way.from, stop);
    }
    if (fault) {
        return Unexpected{*std::move(fault)};
    }
    const auto from = way.from ? tree(repository, *way.from) : nullptr;
    const auto to = tree(repository, way.to);
    return git::compare_trees(repository.get(), from.get(), to.get(), stop);
}

std::vector<std::string> paths_of(git::TreeDelta delta) {
    auto paths = std::move(delta.deleted);
    paths.insert(paths.end(), delta.submodules.begin(), delta.submodules.end());
    for (auto& file : delta.files) {
        paths.push_back(std::move(file.path));
    }
    return paths;
}

/// Each call is work for the attendant, which owns all it uses.
class GitRepo : public ports::SourceRepo {
public:
    GitRepo(std::string path, const GitLimits& limits, git::Attendant attendant)
        : path_(std::move(path)), limits_(limits), attendant_(std::move(attendant)),
          scales_(std::make_shared<git::TreeScales>(limits)) {}

    Parsed<CommitId> resolve(const std::string& revision) override {
        return attendant_.run(path_, {}, [path = path_, revision] {
            return git::resolve_revision(git::open_repository(path).get(), revision);
        });
    }

    ports::CommitInfo info(const CommitId& id) override {
        return attendant_.run(path_, {}, [path = path_, id] { return info_of(path, id); });
    }

    ports::CommitRange range(const std::vector<CommitId>& good, const CommitId& bad,
                             const ports::RangeOptions& options) override {
        return attendant_.run(path_, options.stop, [path = path_, good, bad, options] {
            const auto repository = git::open_repository(path, options.stop);
            return ports::CommitRange{git::commit_range(repository.get(), good, bad, options),
                                      git::merge_bases(repository.get(), good, bad)};
        });
    }

    bool is_ancestor(const CommitId& ancestor, const CommitId& commit) override {
        return attendant_.run(path_, {}, [path = path_, ancestor, commit] {
            return descends(path, ancestor, commit);
        });
    }

    std::uint64_t tree_distance(const CommitId& a, const CommitId& b,
                                const std::stop_token& stop) override {
        return attendant_.run(path_, stop, [path = path_, a, b, stop, scales = scales_] {
            const auto repository = git::open_repository(path, stop);
            const auto delta = delta_of(repository, {a, b}, *scales, stop);
            return delta ? delta->differing_files : std::numeric_limits<std::uint64_t>::max();
        });
    }

    std::optional<std::vector<std::string>> changed_paths(const std::optional<CommitId>& from,
                                                          const CommitId& to,
                                                          const std::stop_token& stop) override {
        return attendant_.run(path_, stop, [path = path_, from, to, stop, scales = scales_] {
            const auto repository = git::open_repository(path, stop);
            auto delta = delta_of(repository, {from, to}, *scales, stop);
            return delta ? std::optional(paths_of(*std::move(delta))) : std::nullopt;
        });
    }

    Expected<ports::DeltaInfo, ports::UnfitTree> write_delta(const std::optional<CommitId>& from,
                                                             const CommitId& to,
                                                             const std::filesystem::path& tar,
                                                             const std::stop_token& stop) override {
        return attendant_.run(
            path_, stop,
            [path = path_, from, to, file = git::DeltaFile{tar, limits_.left_free}, stop,
             scales = scales_]() -> Expected<ports::DeltaInfo, ports::UnfitTree> {
                const auto repository = git::open_repository(path, stop);
                const auto delta = delta_of(repository, {from, to}, *scales, stop);
                if (!delta) {
                    return Unexpected{delta.error()};
                }
                return git::write_delta_tar(repository.get(), *delta, file, stop);
            });
    }

    std::unique_ptr<ports::Checkout>
    make_checkout(const std::filesystem::path& directory) override {
        return git::make_checkout({path_, attendant_, scales_, limits_.left_free}, directory);
    }

private:
    git::Library library_;
    std::string path_;
    GitLimits limits_;
    git::Attendant attendant_;
    std::shared_ptr<git::TreeScales> scales_;
};

/// The path without links; it is looked at as part of the attended work, as it may hang as well.
std::string open_once(const std::filesystem::path& path) {
    std::error_code failed;
    auto canonical = std::filesystem::canonical(path, failed).string();
    if (failed) {
        throw Error(ErrorCode::not_found,
                    "cannot open repository '" + path.string() + "': " + failed.message());
    }
    static_cast<void>(git::open_repository(canonical));
    return canonical;
}

class GitRepos : public ports::SourceRepos {
public:
    explicit GitRepos(const GitLimits& limits) : limits_(limits), attendant_(limits.patience) {}

    std::shared_ptr<ports::SourceRepo> open(const std::filesystem::path& path) override {
        // Without the lock: a repository that hangs must not hold up the others.
        const auto key = attendant_.run(path.string(), {}, [path] { return open_once(path); });
        const std::lock_guard lock(mutex_);
        auto& repo = repos_[key];
        if (!repo) {
            repo = std::make_shared<GitRepo>(key, limits_, attendant_);
        }
        return repo;
    }

private:
    git::Library library_;
    GitLimits limits_;
    git::Attendant attendant_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<ports::SourceRepo>> repos_;
};

} // namespace

std::unique_ptr<ports::SourceRepos> make_git_repos(const GitLimits& limits) {
    return std::make_unique<GitRepos>(limits);
}

} // namespace lab::adapters
