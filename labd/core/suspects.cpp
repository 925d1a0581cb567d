// SPDX-License-Identifier: Apache-2.0
#include "core/suspects.h"

#include "core/ancestor_sums.h"

#include <algorithm>
#include <cstddef>

namespace lab::core {
namespace {

bool any_of_parents(const CommitGraph& graph, CommitIndex commit, const std::vector<char>& set) {
    const auto& parents = graph.nodes()[commit].parents;
    return std::any_of(parents.begin(), parents.end(),
                       [&](CommitIndex parent) { return set[parent] != 0; });
}

/// Descendants of a commit, itself included.
std::vector<char> descendants_of(const CommitGraph& graph, CommitIndex commit) {
    std::vector<char> below(graph.size(), 0);
    below[commit] = 1;
    for (CommitIndex index = commit; index-- > 0;) {
        below[index] = any_of_parents(graph, index, below) ? 1 : 0;
    }
    return below;
}

/// The testable commits met first on all ways from a commit to the bad end.
std::vector<CommitIndex> next_testable(const CommitGraph& graph, const std::vector<char>& testable,
                                       CommitIndex commit) {
    const auto can_test = [&](CommitIndex index) {
        return index == 0 || testable[index] != 0;
    };
    std::vector<CommitIndex> found;
    std::vector<char> open(graph.size(), 0);
    for (CommitIndex index = commit + 1; index-- > 0;) {
        if (index != commit && !any_of_parents(graph, index, open)) {
            continue;
        }
        if (can_test(index)) {
            found.push_back(index);
        } else {
            open[index] = 1;
        }
    }
    return found;
}

/// Ancestors of all testable commits that do not descend from `commit`.
std::vector<char> seen_from_elsewhere(const CommitGraph& graph, const std::vector<char>& testable,
                                      CommitIndex commit) {
    const auto below = descendants_of(graph, commit);
    std::vector<char> seen(graph.size(), 0);
    for (CommitIndex index = 0; index < graph.size(); ++index) {
        if (testable[index] != 0 && below[index] == 0) {
            seen[index] = 1;
        }
        if (seen[index] != 0) {
            for (const auto parent : graph.nodes()[index].parents) {
                seen[parent] = 1;
            }
        }
    }
    return seen;
}

} // namespace

std::vector<CommitIndex> inseparable(const CommitGraph& graph, const std::vector<char>& testable,
                                     CommitIndex commit) {
    auto together = std::vector<char>(graph.size(), 1);
    for (const auto tester : next_testable(graph, testable, commit)) {
        const auto tested = ancestors_of(graph, tester);
        for (std::size_t index = 0; index < graph.size(); ++index) {
            together[index] = together[index] != 0 && tested[index] != 0 ? 1 : 0;
        }
    }
    const auto elsewhere = seen_from_elsewhere(graph, testable, commit);
    std::vector<CommitIndex> suspects;
    for (CommitIndex index = 0; index < graph.size(); ++index) {
        if (together[index] != 0 && elsewhere[index] == 0) {
            suspects.push_back(index);
        }
    }
    return suspects;
}

} // namespace lab::core
