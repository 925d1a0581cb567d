// SPDX-License-Identifier: Apache-2.0
// GitSearch on histories limited to a path, against the git program itself.
#include "core/git_search.h"
#include "git_history.h"

#include "base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace lab::core::test {
namespace {

constexpr std::size_t files = 7; // GitHistory's n-th commit changes file n % 7

/// The n-th commit's last change of a file: it stands for the file's content.
std::vector<std::size_t> contents(const std::vector<PlannedCommit>& plan, std::size_t file) {
    std::vector<std::size_t> content(plan.size(), plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
        if (i % files == file) {
            content[i] = i;
        } else if (i != 0) {
            content[i] = content[plan[i].parents.front()];
        }
    }
    return content;
}

/// git's default history simplification: a merge that is the same as one parent follows it alone.
CommitGraph simplified_range(const GitHistory& history, std::vector<PlannedCommit> plan,
                             std::size_t file) {
    const auto content = contents(plan, file);
    std::vector<char> same(plan.size(), 0);
    for (std::size_t i = 1; i < plan.size(); ++i) {
        auto& parents = plan[i].parents;
        const auto twin = std::find_if(parents.begin(), parents.end(), [&](std::size_t parent) {
            return content[parent] == content[i];
        });
        if (twin != parents.end()) {
            same[i] = 1;
            parents = {*twin};
        }
    }
    std::set<std::size_t, std::greater<>> reached{plan.size() - 1};
    for (const auto commit : reached) { // parents sort behind their children: the loop meets them
        for (const auto parent : plan[commit].parents) {
            if (parent != 0) {
                reached.insert(parent);
            }
        }
    }
    std::map<std::size_t, CommitIndex> index;
    for (const auto commit : reached) {
        index.emplace(commit, static_cast<CommitIndex>(index.size()));
    }
    std::vector<CommitGraph::Node> nodes;
    for (const auto commit : reached) {
        CommitGraph::Node node{history.ids()[commit], {}, same[commit] != 0, plan[commit].date};
        for (const auto parent : plan[commit].parents) {
            if (parent != 0) {
                node.parents.push_back(index.at(parent));
            }
        }
        nodes.push_back(std::move(node));
    }
    return CommitGraph(std::move(nodes));
}

std::string value_of(const std::string& text, const std::string& name) {
    for (const auto& line : split(text, '\n')) {
        if (line.starts_with(name + "=")) {
            auto value = line.substr(name.size() + 1);
            std::erase(value, '\'');
            return value;
        }
    }
    return {};
}

/// Compares every midpoint on the way to the oldest commit that touches the path.
void compare_way_down(const GitHistory& history, GitSearch search, const std::string& path) {
    auto bad = history.bad();
    for (std::size_t asked = 0; asked < 20; ++asked) {
        const auto variables = history.git(
            {"rev-list", "--bisect-vars", bad.hex(), "^" + history.good().hex(), "--", path});
        const auto step = search.next();
        if (const auto* end = std::get_if<SearchEnd>(&step)) {
            const bool nothing = end->kind == SearchEnd::Kind::nothing_to_test;
            EXPECT_EQ(value_of(variables, "bisect_all"), nothing ? "0" : "1");
            return;
        }
        const auto& proposal = std::get<Proposal>(step);
        ASSERT_EQ(proposal.commit.hex(), value_of(variables, "bisect_rev"));
        const auto left = std::max(std::stoi(value_of(variables, "bisect_good")), 0);
        ASSERT_EQ(proposal.revisions_left, static_cast<std::size_t>(left));
        ASSERT_EQ(std::to_string(proposal.steps), value_of(variables, "bisect_steps"));
        bad = proposal.commit;
        search.record(bad, Verdict::bad);
    }
    ADD_FAILURE() << "the search does not come to an end";
}

TEST(GitPathsOracle, MidpointsOfAPathEqualRevList) {
    const auto count = property_histories(8);
    for (std::uint32_t seed = 1; seed <= count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto plan = plan_history({.seed = seed + 900,
                                        .commits = 20 + seed % 50,
                                        .merge_share = 0.04 * (seed % 6),
                                        .fork_share = 0.05 * (seed % 5),
                                        .largest_step = seed % 3});
        const GitHistory history(plan);
        const auto file = seed % files;
        const auto range = simplified_range(history, plan, file);

        compare_way_down(history, value_or_throw(GitSearch::create(range)),
                         "file" + std::to_string(file));

        if (HasFatalFailure() || HasNonfatalFailure()) {
            return;
        }
    }
}

} // namespace
} // namespace lab::core::test
