// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/path_filter.h"

#include "base/text.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace lab::adapters::git {
namespace {

/// Without empty and "." components; the whole tree is the empty text.
std::string normalised(const std::string& path) {
    const auto refused = [&](const char* what) {
        return Error(ErrorCode::bad_input,
                     "path '" + escape_for_terminal(cap(path, 100)) + "': " + what);
    };
    if (path.empty() || path.front() == '/' || path.size() > 4096) {
        throw refused("is not a path inside the repository (allowed: relative to its top)");
    }
    std::vector<std::string> parts;
    for (const auto& part : split(path, '/')) {
        if (part == "..") {
            throw refused("leads out of the repository (allowed: paths without '..')");
        }
        if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    return join(parts, "/");
}

using Entry = std::optional<std::pair<std::string, git_filemode_t>>;

Entry entry_at(const git_tree* tree, const std::string& path) {
    if (tree == nullptr) {
        return std::nullopt;
    }
    git_tree_entry* found = nullptr;
    const int code = git_tree_entry_bypath(&found, tree, path.c_str());
    if (code == GIT_ENOTFOUND) {
        return std::nullopt;
    }
    require(code, "look up path", path);
    const TreeEntry entry(found);
    return Entry({to_hex(*git_tree_entry_id(entry.get())), git_tree_entry_filemode(entry.get())});
}

bool same_tree(const git_tree* a, const git_tree* b) {
    if (a == nullptr || b == nullptr) {
        const auto* other = a != nullptr ? a : b;
        return other == nullptr || git_tree_entrycount(other) == 0;
    }
    return git_oid_equal(git_tree_id(a), git_tree_id(b)) != 0;
}

} // namespace

PathFilter::PathFilter(const std::vector<std::string>& paths) {
    std::transform(paths.begin(), paths.end(), std::back_inserter(paths_), normalised);
}

bool PathFilter::same(const git_tree* a, const git_tree* b) const {
    if (same_tree(a, b)) {
        return true;
    }
    return !paths_.empty() &&
           std::all_of(paths_.begin(), paths_.end(), [&](const std::string& path) {
               return !path.empty() && entry_at(a, path) == entry_at(b, path);
           });
}

} // namespace lab::adapters::git
