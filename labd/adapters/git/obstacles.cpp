// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/obstacles.h"

#include "adapters/git/libgit.h"
#include "adapters/git/tree_delta.h"
#include "base/clock.h"
#include "base/files.h"

#include <set>
#include <sys/stat.h>

namespace lab::adapters::git {
namespace {

using Index = Handle<git_index, git_index_free>;

/// Whether a file is there as an entry of an index or a tree has it.
bool fits(const struct stat& status, unsigned mode) {
    switch (mode) {
    case GIT_FILEMODE_LINK:
        return S_ISLNK(status.st_mode);
    case GIT_FILEMODE_COMMIT:
    case GIT_FILEMODE_TREE:
        return S_ISDIR(status.st_mode);
    default:
        return S_ISREG(status.st_mode);
    }
}

Index index_of(git_repository* repository) {
    git_index* opened = nullptr;
    require(git_repository_index(&opened, repository), "read the index of",
            git_repository_path(repository));
    return Index(opened);
}

class Sweep {
public:
    Sweep(git_index* index, const std::filesystem::path& directory, const std::stop_token& stop)
        : index_(index), directory_(directory.string() + "/"), stop_(stop) {}

    /// What the index has.
    void clear_known() {
        for (std::size_t i = 0; i < git_index_entrycount(index_); ++i) {
            const auto* entry = git_index_get_byindex(index_, i);
            clear_above(entry->path);
            clear(entry->path, entry->mode);
        }
    }

    /// A file that is to come. What the index has in its way, the checkout itself removes.
    void clear_for(const TreeFile& file) {
        clear_above(file.path);
        if (!is_known(file.path)) {
            clear(file.path, file.mode);
        }
    }

private:
    [[nodiscard]] bool is_known(const std::string& path) const {
        return directories_.contains(path) ||
               git_index_get_bypath(index_, path.c_str(), 0) != nullptr;
    }

    void clear_above(const std::string& path) {
        throw_if_stopped(stop_);
        for (auto end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
            auto above = path.substr(0, end);
            if (!is_known(above)) {
                clear(above, GIT_FILEMODE_TREE);
                directories_.insert(std::move(above));
            }
        }
    }

    void clear(const std::string& path, unsigned mode) const {
        struct stat status {};
        const auto whole = directory_ + path;
        if (::lstat(whole.c_str(), &status) == 0 && !fits(status, mode)) {
            static_cast<void>(remove_tree(whole)); // what stays is met by the checkout
        }
    }

    git_index* index_;
    std::string directory_;
    const std::stop_token& stop_;
    std::set<std::string> directories_; ///< that were looked at
};

/// The tree of HEAD; none before the first checkout.
Tree tree_of_head(git_repository* repository) {
    git_oid head;
    if (git_reference_name_to_id(&head, repository, "HEAD") < 0) {
        return nullptr;
    }
    return tree_of(find_commit(repository, head));
}

} // namespace

void remove_obstacles(git_repository* repository, const std::filesystem::path& directory,
                      const git_oid& commit, const std::stop_token& stop) {
    const auto index = index_of(repository);
    Sweep sweep(index.get(), directory, stop);
    sweep.clear_known();
    const auto from = tree_of_head(repository);
    const auto to = tree_of(find_commit(repository, commit));
    for (const auto& file : compare_trees(repository, from.get(), to.get(), stop).files) {
        sweep.clear_for(file);
    }
}

std::optional<std::string> find_difference(git_repository* repository,
                                           const std::filesystem::path& directory) {
    const auto index = index_of(repository);
    for (std::size_t i = 0; i < git_index_entrycount(index.get()); ++i) {
        const auto* entry = git_index_get_byindex(index.get(), i);
        struct stat status {};
        const auto whole = directory.string() + "/" + entry->path;
        const bool is_submodule = entry->mode == GIT_FILEMODE_COMMIT;
        const bool same = ::lstat(whole.c_str(), &status) == 0 && fits(status, entry->mode) &&
                          static_cast<std::uint32_t>(status.st_size) == entry->file_size;
        if (!same && !is_submodule) {
            return entry->path;
        }
    }
    return std::nullopt;
}

} // namespace lab::adapters::git
