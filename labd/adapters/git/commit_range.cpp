// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/commit_range.h"

#include "adapters/git/path_filter.h"
#include "base/clock.h"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

namespace lab::adapters::git {
namespace {

using core::CommitId;
using IdSet = std::unordered_set<CommitId>;

/// One commit of the range as it is found.
struct Found {
    CommitId id;
    std::vector<CommitId> parents; ///< those that the history goes on with
    bool tree_same = false;
    std::int64_t date = 0;
};

/// What is reachable from bad and not from good.
IdSet members(git_repository* repository, const std::vector<CommitId>& good, const CommitId& bad) {
    git_revwalk* made = nullptr;
    require(git_revwalk_new(&made, repository), "walk from commit", bad.hex());
    const Walk walk(made);
    const auto start = to_oid(bad);
    require(git_revwalk_push(walk.get(), &start), "walk from commit", bad.hex());
    for (const auto& id : good) {
        const auto oid = to_oid(id);
        require(git_revwalk_hide(walk.get(), &oid), "walk from commit", id.hex());
    }
    IdSet ids;
    git_oid oid;
    int code = 0;
    while ((code = git_revwalk_next(&oid, walk.get())) == 0) {
        ids.insert(to_id(oid));
    }
    if (code != GIT_ITEROVER) {
        throw git_failure(code, "walk from commit", bad.hex());
    }
    return ids;
}

/// Walks from bad like git's limit_list: newest commit date first, first come first among equals.
class RangeWalk {
public:
    RangeWalk(git_repository* repository, const std::vector<CommitId>& good, const CommitId& bad,
              const ports::RangeOptions& options)
        : repository_(repository), members_(members(repository, good, bad)),
          bottom_(good.begin(), good.end()), options_(options), filter_(options.paths) {}

    std::vector<Found> run(const CommitId& bad) {
        std::vector<Found> found;
        add(bad);
        while (!queue_.empty()) {
            throw_if_stopped(options_.stop);
            const auto next = queue_.top();
            queue_.pop();
            found.push_back(visit(next.id));
            for (const auto& parent : found.back().parents) {
                add(parent);
            }
        }
        return found;
    }

private:
    struct Queued {
        git_time_t date;
        std::uint64_t order;
        CommitId id;

        friend bool operator<(const Queued& a, const Queued& b) {
            return a.date != b.date ? a.date < b.date : a.order > b.order;
        }
    };

    void add(const CommitId& id) {
        if (members_.count(id) == 0 || !seen_.insert(id).second) {
            return;
        }
        const auto commit = find_commit(repository_, to_oid(id));
        queue_.push({git_commit_time(commit.get()), order_++, id});
    }

    Found visit(const CommitId& id) const {
        const auto commit = find_commit(repository_, to_oid(id));
        Found found{id, parents_of(commit), false, git_commit_time(commit.get())};
        if (!filter_.empty()) {
            simplify(commit, found);
        }
        return found;
    }

    std::vector<CommitId> parents_of(const Commit& commit) const {
        const unsigned all = git_commit_parentcount(commit.get());
        const unsigned count = options_.first_parent ? std::min(all, 1U) : all;
        std::vector<CommitId> parents;
        for (unsigned i = 0; i < count; ++i) {
            parents.push_back(to_id(*git_commit_parent_id(commit.get(), i)));
        }
        return parents;
    }

    /// git's TREESAME and default simplification: a merge that took the paths as they are from a
    /// parent in the range, or from a good commit, goes on with that parent alone.
    /// @see try_to_simplify_commit in git's revision.c
    void simplify(const Commit& commit, Found& found) const {
        const auto tree = tree_of(commit);
        if (found.parents.empty()) {
            found.tree_same = filter_.same(tree.get(), nullptr);
            return;
        }
        bool relevant = false;
        bool relevant_change = false;
        bool irrelevant_change = false;
        for (const auto& parent : found.parents) {
            const bool inside = members_.count(parent) != 0;
            const bool counts = inside || bottom_.count(parent) != 0;
            relevant = relevant || counts;
            const auto parent_tree = tree_of(find_commit(repository_, to_oid(parent)));
            const bool same = filter_.same(tree.get(), parent_tree.get());
            if (same && counts) {
                found.parents = std::vector<CommitId>{CommitId(parent)};
                found.tree_same = true;
                return;
            }
            relevant_change = relevant_change || (!same && counts);
            irrelevant_change = irrelevant_change || (!same && !counts);
        }
        found.tree_same = relevant ? !relevant_change : !irrelevant_change;
    }

    git_repository* repository_;
    IdSet members_;
    IdSet bottom_;
    const ports::RangeOptions& options_;
    PathFilter filter_;
    std::priority_queue<Queued> queue_;
    IdSet seen_;
    std::uint64_t order_ = 0;
};

/// Positions of the found commits such that children come before parents; those that do already
/// keep their order.
std::vector<std::size_t> topological(const std::vector<Found>& found,
                                     const std::unordered_map<CommitId, std::size_t>& position) {
    std::vector<std::size_t> children(found.size(), 0);
    const auto for_parents = [&](std::size_t child, const auto& act) {
        for (const auto& parent : found[child].parents) {
            const auto at = position.find(parent);
            if (at != position.end()) {
                act(at->second);
            }
        }
    };
    for (std::size_t i = 0; i < found.size(); ++i) {
        for_parents(i, [&](std::size_t parent) { ++children[parent]; });
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (children[i] == 0) {
            ready.push(i);
        }
    }
    std::vector<std::size_t> order;
    while (!ready.empty()) {
        const auto next = ready.top();
        ready.pop();
        order.push_back(next);
        for_parents(next, [&](std::size_t parent) {
            if (--children[parent] == 0) {
                ready.push(parent);
            }
        });
    }
    return order;
}

core::CommitGraph to_graph(const std::vector<Found>& found) {
    std::unordered_map<CommitId, std::size_t> position;
    for (std::size_t i = 0; i < found.size(); ++i) {
        position[found[i].id] = i;
    }
    const auto order = topological(found, position);
    std::vector<core::CommitIndex> index(found.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        index[order[i]] = static_cast<core::CommitIndex>(i);
    }
    std::vector<core::CommitGraph::Node> nodes;
    for (const auto at : order) {
        core::CommitGraph::Node node;
        node.id = found[at].id;
        node.tree_same = found[at].tree_same;
        node.date = found[at].date;
        for (const auto& parent : found[at].parents) {
            const auto inside = position.find(parent);
            if (inside != position.end()) {
                node.parents.push_back(index[inside->second]);
            }
        }
        nodes.push_back(std::move(node));
    }
    return core::CommitGraph(std::move(nodes));
}

} // namespace

core::CommitGraph commit_range(git_repository* repository, const std::vector<CommitId>& good,
                               const CommitId& bad, const ports::RangeOptions& options) {
    if (git_repository_is_shallow(repository) == 1) {
        throw Error(ErrorCode::bad_input,
                    std::string(git_repository_path(repository)) +
                        ": the repository is shallow, its history is cut off",
                    "run 'git fetch --unshallow' in it");
    }
    return to_graph(RangeWalk(repository, good, bad, options).run(bad));
}

std::vector<CommitId> merge_bases(git_repository* repository, const std::vector<CommitId>& good,
                                  const CommitId& bad) {
    std::vector<CommitId> bases;
    const auto bad_oid = to_oid(bad);
    for (const auto& id : good) {
        const auto oid = to_oid(id);
        if (id == bad || git_graph_descendant_of(repository, &bad_oid, &oid) == 1) {
            continue;
        }
        git_oidarray found{};
        const int code = git_merge_bases(&found, repository, &bad_oid, &oid);
        if (code != GIT_ENOTFOUND) {
            require(code, "find the merge base of", bad.hex());
        }
        for (std::size_t i = 0; code == 0 && i < found.count; ++i) {
            const auto base = to_id(found.ids[i]);
            if (std::find(bases.begin(), bases.end(), base) == bases.end()) {
                bases.push_back(base);
            }
        }
        git_oidarray_dispose(&found);
    }
    return bases;
}

} // namespace lab::adapters::git
