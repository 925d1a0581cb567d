// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/commit_changes.h"

#include "adapters/git/attendant.h"
#include "adapters/git/libgit.h"
#include "adapters/git/tree_weight.h"
#include "base/error.h"

namespace lab::adapters {
namespace {

using Diff = Handle<git_diff, git_diff_free>;
using Patch = Handle<git_patch, git_patch_free>;

constexpr std::size_t most_files = 1000;

/// The commit's tree against its first parent's, renames found.
Diff diff_of(git_repository* repository, const git::Commit& commit) {
    const auto hex = git::to_hex(*git_commit_id(commit.get()));
    git::Tree before;
    if (git_commit_parentcount(commit.get()) > 0) {
        before = git::tree_of(git::find_commit(repository, *git_commit_parent_id(commit.get(), 0)));
    }
    const auto after = git::tree_of(commit);
    git_diff_options options{};
    git::require(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION), "compare commit", hex);
    options.context_lines = 0;
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
    git_diff* raw = nullptr;
    git::require(git_diff_tree_to_tree(&raw, repository, before.get(), after.get(), &options),
                 "compare commit", hex);
    Diff diff(raw);
    git_diff_find_options renames{};
    git::require(git_diff_find_options_init(&renames, GIT_DIFF_FIND_OPTIONS_VERSION),
                 "find renames of", hex);
    renames.flags = GIT_DIFF_FIND_RENAMES;
    git::require(git_diff_find_similar(diff.get(), &renames), "find renames of", hex);
    return diff;
}

/// One file of a diff; a binary one has no lines.
ports::FileChange change_at(git_diff* diff, std::size_t index) {
    git_patch* raw = nullptr;
    git::require(git_patch_from_diff(&raw, diff, index), "compare file", std::to_string(index));
    const Patch patch(raw);
    const auto* delta = git_diff_get_delta(diff, index);
    const auto& file = delta->new_file.path != nullptr ? delta->new_file : delta->old_file;
    ports::FileChange change;
    change.path = file.path != nullptr ? file.path : "";
    change.binary = !patch || (delta->flags & GIT_DIFF_FLAG_BINARY) != 0;
    if (patch) {
        std::size_t added = 0;
        std::size_t deleted = 0;
        git::require(git_patch_line_stats(nullptr, &added, &deleted, patch.get()), "count lines of",
                     change.path);
        change.added = added;
        change.deleted = deleted;
    }
    return change;
}

/// @throws Error bad_input  when a tree is too large to be compared.
void require_fit(const git::Repository& repository, const git::Commit& commit,
                 git::TreeScales& scales) {
    auto fault = scales.fault_of(repository.get(), git::to_id(*git_commit_id(commit.get())), {});
    if (!fault && git_commit_parentcount(commit.get()) > 0) {
        fault = scales.fault_of(repository.get(),
                                git::to_id(*git_commit_parent_id(commit.get(), 0)), {});
    }
    if (fault) {
        throw Error(ErrorCode::bad_input, fault->reason);
    }
}

ports::ChangeSummary summary_of(const std::string& path, const core::CommitId& id,
                                git::TreeScales& scales) {
    const auto repository = git::open_repository(path);
    const auto commit = git::find_commit(repository.get(), git::to_oid(id));
    require_fit(repository, commit, scales);
    const auto diff = diff_of(repository.get(), commit);
    ports::ChangeSummary summary;
    summary.files_changed = git_diff_num_deltas(diff.get());
    for (std::size_t i = 0; i < summary.files_changed; ++i) {
        auto change = change_at(diff.get(), i);
        summary.added += change.added;
        summary.deleted += change.deleted;
        if (summary.files.size() < most_files) {
            summary.files.push_back(std::move(change));
        }
    }
    return summary;
}

class GitChanges : public ports::CommitChanges {
public:
    explicit GitChanges(const GitLimits& limits)
        : attendant_(limits.patience), scales_(std::make_shared<git::TreeScales>(limits)) {}

    ports::ChangeSummary changes(const std::filesystem::path& path,
                                 const core::CommitId& id) override {
        return attendant_.run(path.string(), {}, [path = path.string(), id, scales = scales_] {
            return summary_of(path, id, *scales);
        });
    }

private:
    git::Library library_;
    git::Attendant attendant_;
    std::shared_ptr<git::TreeScales> scales_;
};

} // namespace

std::unique_ptr<ports::CommitChanges> make_commit_changes(const GitLimits& limits) {
    return std::make_unique<GitChanges>(limits);
}

} // namespace lab::adapters
