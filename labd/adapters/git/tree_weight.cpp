// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/tree_weight.h"

#include "base/text.h"

#include <algorithm>
#include <strings.h>

namespace lab::adapters::git {
namespace {

using Config = Handle<git_config, git_config_free>;
using ObjectDatabase = Handle<git_odb, git_odb_free>;

constexpr std::size_t longest_path = 4000;
constexpr std::size_t longest_name = 255;
constexpr std::size_t deepest = 500;
constexpr std::uint64_t longest_link = 4000;

/// Of one directory; about a million entries.
constexpr Bytes largest_tree = mebibytes(64);

/// Weights that are kept; Linux has some 5,000 directories, most of which a commit leaves alone.
constexpr std::size_t most_known = 1'000'000;

/// The limits as the repository's own configuration raises or lowers them.
GitLimits limits_of(git_repository* repository, GitLimits limits) {
    git_config* found = nullptr;
    require(git_repository_config_snapshot(&found, repository), "read the configuration of",
            git_repository_path(repository));
    const Config config(found);
    const auto read = [&](const char* key, std::uint64_t& limit) {
        std::int64_t value = 0;
        if (git_config_get_int64(&value, config.get(), key) == 0 && value > 0) {
            limit = static_cast<std::uint64_t>(value);
        }
    };
    read("lab.maxfiles", limits.files);
    read("lab.maxbytes", limits.bytes.count);
    read("lab.maxfilebytes", limits.file_bytes.count);
    return limits;
}

bool is_harmless(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.size() <= longest_name &&
           !(name.size() == 4 && ::strncasecmp(name.data(), ".git", 4) == 0) &&
           name.find('/') == std::string_view::npos;
}

/// Sums do not overflow: each is checked against its limit before the next is added.
constexpr std::uint64_t most_countable = std::uint64_t{1} << 62U;

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
    return std::min(most_countable, std::min(a, most_countable) + std::min(b, most_countable));
}

} // namespace

/// Weighs the tree of one commit.
class Weighing {
public:
    Weighing(git_repository* repository, TreeScales& scales, const std::stop_token& stop)
        : repository_(repository), scales_(scales), limits_(limits_of(repository, scales.limits_)),
          stop_(stop) {
        git_odb* found = nullptr;
        require(git_repository_odb(&found, repository), "open the objects of",
                git_repository_path(repository));
        objects_.reset(found);
    }

    [[nodiscard]] std::optional<std::string> fault_of(const git_oid& tree) {
        static_cast<void>(weigh(tree, "", 0));
        return std::move(fault_);
    }

private:
    /// Nothing = there is a fault.
    std::optional<TreeWeight> weigh(const git_oid& id, const std::string& path, std::size_t depth) {
        throw_if_stopped(stop_);
        auto weight = scales_.known(id);
        if (!weight && fits({}, path, depth)) { // or it would go down for ever
            weight = sum_of(id, path, depth);
            if (weight) {
                scales_.note(id, *weight);
            }
        }
        return weight && fits(*weight, path, depth) ? weight : std::nullopt;
    }

    std::optional<TreeWeight> sum_of(const git_oid& id, const std::string& path,
                                     std::size_t depth) {
        if (size_of(id, path) > largest_tree.count) {
            return refuse(path, "is a directory of too many entries",
                          "at most " + format_bytes(largest_tree) + " of them");
        }
        git_tree* found = nullptr;
        require(git_tree_lookup(&found, repository_, &id), "read tree", path);
        const Tree tree(found);
        TreeWeight total;
        for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
            const auto* entry = git_tree_entry_byindex(tree.get(), i);
            const std::string name = git_tree_entry_name(entry);
            const auto below = path.empty() ? name : path + "/" + name;
            const auto weight = weigh_entry(entry, name, below, depth);
            if (!weight) {
                return std::nullopt;
            }
            total.files = sum(total.files, weight->files);
            total.bytes = sum(total.bytes, weight->bytes);
            total.largest = std::max(total.largest, weight->largest);
            total.longest_path = std::max(total.longest_path, weight->longest_path);
            total.depth = std::max(total.depth, weight->depth);
            if (!fits(total, path, depth)) {
                return std::nullopt;
            }
        }
        return total;
    }

    std::optional<TreeWeight> weigh_entry(const git_tree_entry* entry, const std::string& name,
                                          const std::string& path, std::size_t depth) {
        if (!is_harmless(name)) {
            return refuse(path, "cannot be unpacked safely",
                          "not allowed: '.', '..', '.git', '/' in a name, names of more than " +
                              std::to_string(longest_name) + " bytes");
        }
        TreeWeight weight;
        weight.longest_path = name.size();
        const auto mode = git_tree_entry_filemode(entry);
        const auto& id = *git_tree_entry_id(entry);
        if (mode == GIT_FILEMODE_TREE) {
            const auto below = weigh(id, path, depth + 1);
            if (!below) {
                return std::nullopt;
            }
            weight = *below;
            weight.longest_path += name.size() + 1;
            weight.depth += 1;
        } else if (mode != GIT_FILEMODE_COMMIT) {
            weight.bytes = weight.largest = size_of(id, path);
            if (mode == GIT_FILEMODE_LINK && (weight.bytes == 0 || weight.bytes > longest_link)) {
                return refuse(path, "is a symbolic link without a usable target",
                              "allowed: 1 to " + std::to_string(longest_link) + " bytes");
            }
            if (weight.bytes > limits_.file_bytes.count) {
                return refuse(path, "is a file of " + format_bytes(Bytes{weight.bytes}),
                              file_limit());
            }
        }
        weight.files = sum(weight.files, 1);
        return weight;
    }

    bool fits(const TreeWeight& weight, const std::string& path, std::size_t depth) {
        if (depth + weight.depth > deepest) {
            refuse(path, "is too deep", "at most " + std::to_string(deepest) + " directories");
        } else if (path.size() + 1 + weight.longest_path > longest_path) {
            refuse(path, "has too long paths below it",
                   "at most " + std::to_string(longest_path) + " bytes");
        } else if (weight.files > limits_.files) {
            refuse(path, "holds too many files",
                   "at most " + std::to_string(limits_.files) +
                       "; git config lab.maxFiles sets it");
        } else if (weight.bytes > limits_.bytes.count) {
            refuse(path, "holds too many bytes",
                   "at most " + format_bytes(limits_.bytes) + "; git config lab.maxBytes sets it");
        } else if (weight.largest > limits_.file_bytes.count) {
            refuse(path, "holds a file of " + format_bytes(Bytes{weight.largest}), file_limit());
        }
        return !fault_;
    }

    [[nodiscard]] std::string file_limit() const {
        return "at most " + format_bytes(limits_.file_bytes) +
               "; git config lab.maxFileBytes sets it";
    }

    std::uint64_t size_of(const git_oid& id, const std::string& path) {
        std::size_t size = 0;
        git_object_t type = GIT_OBJECT_INVALID;
        require(git_odb_read_header(&size, &type, objects_.get(), &id), "find file", path);
        return size;
    }

    std::nullopt_t refuse(const std::string& path, const std::string& what,
                          const std::string& allowed) {
        const auto place = path.empty() ? std::string("the whole tree")
                                        : "'" + escape_for_terminal(cap(path, 200)) + "'";
        fault_ = place + " " + what + " (" + allowed + ")";
        return std::nullopt;
    }

    git_repository* repository_;
    TreeScales& scales_;
    const GitLimits limits_;
    const std::stop_token& stop_;
    ObjectDatabase objects_;
    std::optional<std::string> fault_;
};

std::optional<ports::UnfitTree> TreeScales::fault_of(git_repository* repository,
                                                     const core::CommitId& commit,
                                                     const std::stop_token& stop) {
    const auto found = find_commit(repository, to_oid(commit));
    auto fault = Weighing(repository, *this, stop).fault_of(*git_commit_tree_id(found.get()));
    if (!fault) {
        return std::nullopt;
    }
    return ports::UnfitTree{"source tree of " + commit.abbreviated() + ": " + *fault};
}

std::optional<TreeWeight> TreeScales::known(const git_oid& tree) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(tree);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void TreeScales::note(const git_oid& tree, const TreeWeight& weight) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= most_known) {
        known_.clear();
    }
    known_.emplace(tree, weight);
}

} // namespace lab::adapters::git
