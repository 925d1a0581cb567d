// SPDX-License-Identifier: Apache-2.0
#include "core/blockers.h"

#include "core/first_error.h"

#include <algorithm>
#include <map>

namespace lab::core {
namespace {

/// Places of skipped commits in the range, newest first, by what they have in common.
struct Group {
    std::string reason; ///< of the oldest
    std::vector<CommitIndex> places;
};

bool is_skipped_between(const CommitGraph& range, const Trial& trial) {
    return trial.verdict == Verdict::skip && trial.kind == TaskKind::probe &&
           range.contains(trial.commit);
}

} // namespace

std::vector<Blocker> blockers_of(const CommitGraph& range, const std::vector<Trial>& trials) {
    std::map<std::string, Group> groups;
    std::vector<char> tried(range.size(), 0);
    for (const auto& trial : trials) {
        if (range.contains(trial.commit)) {
            tried[range.index_of(trial.commit)] = 1;
        }
        if (!is_skipped_between(range, trial)) {
            continue;
        }
        const auto& cause = trial.cause.empty() ? trial.reason : trial.cause;
        auto& group = groups[failure_key(cause)];
        const auto place = range.index_of(trial.commit);
        if (group.places.empty() ||
            place > *std::max_element(group.places.begin(), group.places.end())) {
            group.reason = cause;
        }
        group.places.push_back(place);
    }
    std::vector<std::pair<CommitIndex, Blocker>> ordered;
    for (const auto& [key, group] : groups) {
        const auto [newest, oldest] = std::minmax_element(group.places.begin(), group.places.end());
        Blocker blocker{group.reason, group.places.size(), range.nodes()[*oldest].id,
                        range.nodes()[*newest].id, 0};
        blocker.in_between = static_cast<std::size_t>(
            std::count(tried.begin() + *newest, tried.begin() + *oldest + 1, 0));
        ordered.emplace_back(*oldest, std::move(blocker));
    }
    std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
        return a.second.commits != b.second.commits ? a.second.commits > b.second.commits
                                                    : a.first > b.first;
    });
    std::vector<Blocker> blockers;
    for (auto& [place, blocker] : ordered) {
        blockers.push_back(std::move(blocker));
    }
    return blockers;
}

std::string to_string(const Blocker& blocker) {
    const bool one = blocker.begins == blocker.ends;
    return std::to_string(blocker.commits) + " x " + blocker.reason + " (" +
           blocker.begins.abbreviated() + (one ? "" : ".." + blocker.ends.abbreviated()) +
           (blocker.in_between == 0
                ? ""
                : ", " + std::to_string(blocker.in_between) + " between not tried") +
           ")";
}

std::string nothing_testable_text(const CommitGraph& range, const std::vector<Trial>& trials) {
    std::vector<char> skipped(range.size(), 0);
    for (const auto& trial : trials) {
        if (is_skipped_between(range, trial)) {
            skipped[range.index_of(trial.commit)] = 1;
        }
    }
    std::size_t between = 0;
    std::size_t open = 0;
    for (std::size_t place = 1; place < range.size(); ++place) {
        const bool counts = !range.nodes()[place].tree_same;
        between += counts ? 1 : 0;
        open += counts && skipped[place] == 0 ? 1 : 0;
    }
    if (between == 0 || open > 0) {
        return {};
    }
    const auto all = std::to_string(between);
    return "cannot be tested: " + all + " of " + all +
           (between == 1 ? " does not build\n" : " do not build\n");
}

} // namespace lab::core
