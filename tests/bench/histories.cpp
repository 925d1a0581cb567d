// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/histories.h"

#include <algorithm>
#include <cstdio>
#include <random>

namespace lab::bench {
namespace {

constexpr std::size_t most_branches = 8;
constexpr std::size_t no_parent = 0; // the good end, outside the range

} // namespace

core::CommitId made_up_id(std::size_t number) {
    char text[41];
    std::snprintf(text, sizeof text, "%08x%032zx", static_cast<unsigned>(number) * 2654435761U,
                  number);
    return core::CommitId(text);
}

core::CommitGraph make_history(const HistoryPlan& plan) {
    std::mt19937 random(plan.seed);
    std::uniform_real_distribution<double> chance(0, 1);
    const auto below = [&](std::size_t limit) {
        return random() % limit;
    };
    std::vector<std::vector<std::size_t>> parents(plan.commits + 1); // by number, 0 is the good end
    std::vector<std::size_t> heads{no_parent};
    for (std::size_t number = 1; number <= plan.commits; ++number) {
        const bool last = plan.commits - number < heads.size() - 1 || number == plan.commits;
        const auto at = below(heads.size());
        parents[number] = {heads[at]};
        const double what = chance(random);
        if (heads.size() > 1 && (last || what < plan.merge_share)) {
            const auto other = (at + 1 + below(heads.size() - 1)) % heads.size();
            parents[number].push_back(heads[other]);
            heads[at] = number;
            heads.erase(heads.begin() + static_cast<std::ptrdiff_t>(other));
        } else if (plan.commits - number >= heads.size() && heads.size() < most_branches &&
                   what > 1 - plan.merge_share * 1.1) {
            heads.push_back(number);
        } else {
            heads[at] = number;
        }
    }
    std::vector<core::CommitGraph::Node> nodes(plan.commits);
    for (std::size_t number = 1; number <= plan.commits; ++number) {
        auto& node = nodes[plan.commits - number];
        node.id = made_up_id(number);
        node.date = 1'600'000'000 + static_cast<std::int64_t>(number);
        for (const auto parent : parents[number]) {
            if (parent != no_parent) {
                node.parents.push_back(static_cast<core::CommitIndex>(plan.commits - parent));
            }
        }
    }
    return core::CommitGraph(std::move(nodes));
}

} // namespace lab::bench
