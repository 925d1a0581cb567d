// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/tree_delta.h"

#include "base/clock.h"

#include <map>

namespace lab::adapters::git {
namespace {

/// What an entry of a tree is; a submodule is nothing of ours.
enum class Kind { none, file, link, tree };

struct Sides {
    const git_tree_entry* from = nullptr;
    const git_tree_entry* to = nullptr;
};

Kind kind_of(const git_tree_entry* entry) {
    if (entry == nullptr) {
        return Kind::none;
    }
    switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_TREE:
        return Kind::tree;
    case GIT_FILEMODE_LINK:
        return Kind::link;
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
        return Kind::file;
    default:
        return Kind::none;
    }
}

bool is_submodule(const git_tree_entry* entry) {
    return entry != nullptr && git_tree_entry_filemode(entry) == GIT_FILEMODE_COMMIT;
}

bool equal(const Sides& sides) {
    return sides.from != nullptr && sides.to != nullptr &&
           git_tree_entry_filemode(sides.from) == git_tree_entry_filemode(sides.to) &&
           git_oid_equal(git_tree_entry_id(sides.from), git_tree_entry_id(sides.to)) != 0;
}

class Comparison {
public:
    Comparison(git_repository* repository, const std::stop_token& stop)
        : repository_(repository), stop_(stop) {}

    void compare(const git_tree* from, const git_tree* to, const std::string& prefix) {
        throw_if_stopped(stop_);
        std::map<std::string, Sides> entries;
        for_each_entry(from, [&](const git_tree_entry* entry) {
            entries[git_tree_entry_name(entry)].from = entry;
        });
        for_each_entry(to, [&](const git_tree_entry* entry) {
            entries[git_tree_entry_name(entry)].to = entry;
        });
        for (const auto& [name, sides] : entries) {
            if (!equal(sides)) {
                compare_entry(sides, prefix + name);
            }
        }
    }

    TreeDelta result() && { return std::move(delta_); }

private:
    template <class Act>
    static void for_each_entry(const git_tree* tree, const Act& act) {
        for (std::size_t i = 0; tree != nullptr && i < git_tree_entrycount(tree); ++i) {
            act(git_tree_entry_byindex(tree, i));
        }
    }

    void compare_entry(const Sides& sides, const std::string& path) {
        const Kind from = kind_of(sides.from);
        const Kind to = kind_of(sides.to);
        if (is_submodule(sides.to)) {
            delta_.submodules.push_back(path);
        }
        if (from != Kind::none && from != to) {
            delta_.deleted.push_back(path);
        }
        if (from == Kind::tree && to == Kind::tree) {
            const auto old_tree = open_tree(sides.from, path);
            const auto new_tree = open_tree(sides.to, path);
            compare(old_tree.get(), new_tree.get(), path + "/");
            return;
        }
        if (from == Kind::tree) {
            const auto old_tree = open_tree(sides.from, path);
            delta_.differing_files += count_files(old_tree.get(), path);
        }
        if (to == Kind::tree) {
            const auto new_tree = open_tree(sides.to, path);
            compare(nullptr, new_tree.get(), path + "/");
        } else if (to != Kind::none) {
            delta_.files.push_back(
                {path, *git_tree_entry_id(sides.to), git_tree_entry_filemode(sides.to)});
        }
        const auto is_file = [](Kind kind) {
            return kind == Kind::file || kind == Kind::link;
        };
        delta_.differing_files += is_file(from) || is_file(to) ? 1 : 0;
    }

    Tree open_tree(const git_tree_entry* entry, const std::string& path) const {
        git_tree* tree = nullptr;
        require(git_tree_lookup(&tree, repository_, git_tree_entry_id(entry)), "read tree", path);
        return Tree(tree);
    }

    std::uint64_t count_files(const git_tree* tree, const std::string& path) const {
        throw_if_stopped(stop_);
        std::uint64_t count = 0;
        for_each_entry(tree, [&](const git_tree_entry* entry) {
            const Kind kind = kind_of(entry);
            if (kind == Kind::tree) {
                const auto name = path + "/" + git_tree_entry_name(entry);
                count += count_files(open_tree(entry, name).get(), name);
            } else if (kind != Kind::none) {
                ++count;
            }
        });
        return count;
    }

    git_repository* repository_;
    const std::stop_token& stop_;
    TreeDelta delta_;
};

} // namespace

TreeDelta compare_trees(git_repository* repository, const git_tree* from, const git_tree* to,
                        const std::stop_token& stop) {
    Comparison comparison(repository, stop);
    comparison.compare(from, to, "");
    return std::move(comparison).result();
}

} // namespace lab::adapters::git
