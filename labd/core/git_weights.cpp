// SPDX-License-Identifier: Apache-2.0
#include "core/git_weights.h"

#include <algorithm>
#include <bit>
#include <queue>

namespace lab::core {
namespace {

constexpr CommitIndex commits_of_block = 64;

/// Entry of git's walk: newest date first, among equal dates the one met first.
struct Waiting {
    std::int64_t date;
    std::uint32_t arrival;
    CommitIndex commit;

    bool operator<(const Waiting& other) const {
        return date != other.date ? date < other.date : arrival > other.arrival;
    }
};

std::vector<CommitIndex> candidates_by_index(const std::vector<char>& is_candidate) {
    std::vector<CommitIndex> indices;
    for (CommitIndex index = 0; index < is_candidate.size(); ++index) {
        if (is_candidate[index] != 0) {
            indices.push_back(index);
        }
    }
    return indices;
}

std::vector<CommitIndex> walk_by_date(const CommitGraph& graph,
                                      const std::vector<char>& is_candidate, CommitIndex bad) {
    std::vector<CommitIndex> order;
    std::vector<char> seen(graph.size(), 0);
    std::priority_queue<Waiting> waiting;
    std::uint32_t arrivals = 0;
    waiting.push({graph.nodes()[bad].date, arrivals++, bad});
    seen[bad] = 1;
    while (!waiting.empty()) {
        const auto commit = waiting.top().commit;
        waiting.pop();
        order.push_back(commit);
        for (const auto parent : graph.nodes()[commit].parents) {
            if (is_candidate[parent] != 0 && seen[parent] == 0) {
                seen[parent] = 1;
                waiting.push({graph.nodes()[parent].date, arrivals++, parent});
            }
        }
    }
    return order;
}

/// Adds to every weight the candidates among positions [first, first + 64) that it reaches. Only
/// positions up to the block's end can: ancestors stand behind their descendants.
void add_block(const std::vector<std::vector<CommitIndex>>& parents,
               const std::vector<char>& counts, std::size_t first,
               std::vector<std::uint64_t>& reached, std::vector<std::uint32_t>& weights) {
    const auto end = std::min<std::size_t>(first + commits_of_block, parents.size());
    for (std::size_t position = end; position-- > 0;) {
        std::uint64_t mask = 0;
        if (position >= first && counts[position] != 0) {
            mask = std::uint64_t{1} << (position - first);
        }
        for (const auto parent : parents[position]) {
            mask |= parent < end ? reached[parent] : 0;
        }
        reached[position] = mask;
        weights[position] += static_cast<std::uint32_t>(std::popcount(mask));
    }
}

bool is_halfway(const CommitGraph& graph, const CandidateField& field, CommitIndex commit) {
    if (graph.nodes()[commit].tree_same) {
        return false;
    }
    const auto off = std::abs(2 * std::int64_t{field.weights[commit]} - std::int64_t{field.total});
    return off <= 1 || off < std::int64_t{field.total} / 1024;
}

/// git's own way through the candidates: roots and merges get their weight first, then whatever has
/// a parent with a weight. It matters only for ties and for what stays without a weight.
class Settling {
public:
    Settling(const CommitGraph& graph, const CandidateField& field)
        : graph_(graph), field_(field), candidate_(graph.size(), 0), known_(graph.size(), 0) {
        for (const auto commit : field.oldest_first) {
            candidate_[commit] = 1;
        }
        for (const auto commit : field.oldest_first) {
            if (candidate_parents(commit) == 0) {
                settle(commit);
            }
        }
    }

    [[nodiscard]] bool is_known(CommitIndex commit) const { return known_[commit] != 0; }

    /// Settles the merges in order until `stop` holds for one; that one is returned.
    template <class Stop>
    std::optional<CommitIndex> settle_merges(Stop stop) {
        for (const auto commit : field_.oldest_first) {
            if (candidate_parents(commit) < 2) {
                continue;
            }
            known_[commit] = 1;
            if (stop(commit)) {
                return commit;
            }
            ++settled_; // git counts these even when they are tree_same
        }
        return std::nullopt;
    }

    template <class Stop>
    std::optional<CommitIndex> settle_rest(Stop stop) {
        for (bool progress = true; settled_ < field_.total && progress;) {
            progress = false;
            for (const auto commit : field_.oldest_first) {
                if (is_known(commit) || !has_known_parent(commit)) {
                    continue;
                }
                settle(commit);
                progress = true;
                if (stop(commit)) {
                    return commit;
                }
            }
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] std::size_t candidate_parents(CommitIndex commit) const {
        const auto& parents = graph_.nodes()[commit].parents;
        return static_cast<std::size_t>(
            std::count_if(parents.begin(), parents.end(),
                          [&](CommitIndex parent) { return candidate_[parent] != 0; }));
    }

    [[nodiscard]] bool has_known_parent(CommitIndex commit) const {
        const auto& parents = graph_.nodes()[commit].parents;
        return std::any_of(parents.begin(), parents.end(), [&](CommitIndex parent) {
            return candidate_[parent] != 0 && is_known(parent);
        });
    }

    void settle(CommitIndex commit) {
        known_[commit] = 1;
        settled_ += graph_.nodes()[commit].tree_same ? 0 : 1;
    }

    const CommitGraph& graph_;
    const CandidateField& field_;
    std::vector<char> candidate_;
    std::vector<char> known_;
    std::uint32_t settled_ = 0;
};

std::int64_t distance_of(const CandidateField& field, const Settling& settling,
                         CommitIndex commit) {
    if (!settling.is_known(commit)) {
        return -1;
    }
    const auto weight = field.weights[commit];
    return std::min(weight, field.total - weight);
}

} // namespace

CandidateField weigh(const CommitGraph& graph, const std::vector<char>& is_candidate,
                     CommitIndex bad) {
    const auto positions = candidates_by_index(is_candidate);
    std::vector<CommitIndex> position_of(graph.size(), 0);
    for (CommitIndex position = 0; position < positions.size(); ++position) {
        position_of[positions[position]] = position;
    }
    std::vector<std::vector<CommitIndex>> parents(positions.size());
    std::vector<char> counts(positions.size());
    bool dated = false;
    CandidateField field;
    for (std::size_t position = 0; position < positions.size(); ++position) {
        const auto& node = graph.nodes()[positions[position]];
        counts[position] = node.tree_same ? 0 : 1;
        field.total += node.tree_same ? 0 : 1;
        dated = dated || node.date != 0;
        for (const auto parent : node.parents) {
            if (is_candidate[parent] != 0) {
                parents[position].push_back(position_of[parent]);
            }
        }
    }
    std::vector<std::uint64_t> reached(positions.size(), 0);
    std::vector<std::uint32_t> weights(positions.size(), 0);
    for (std::size_t first = 0; first < positions.size(); first += commits_of_block) {
        add_block(parents, counts, first, reached, weights);
    }
    field.weights.assign(graph.size(), 0);
    for (std::size_t position = 0; position < positions.size(); ++position) {
        field.weights[positions[position]] = weights[position];
    }
    field.oldest_first = dated ? walk_by_date(graph, is_candidate, bad) : positions;
    std::reverse(field.oldest_first.begin(), field.oldest_first.end());
    return field;
}

std::optional<CommitIndex> midpoint(const CommitGraph& graph, const CandidateField& field) {
    if (field.total == 0) {
        return std::nullopt;
    }
    const auto halfway = [&](CommitIndex commit) {
        return is_halfway(graph, field, commit);
    };
    Settling settling(graph, field);
    if (const auto merge = settling.settle_merges(halfway)) {
        return merge;
    }
    if (const auto other = settling.settle_rest(halfway)) {
        return other;
    }
    RankedCommit best{field.oldest_first.front(), -1};
    for (const auto commit : field.oldest_first) {
        const auto distance = distance_of(field, settling, commit);
        if (!graph.nodes()[commit].tree_same && distance > best.distance) {
            best = {commit, distance};
        }
    }
    return best.commit;
}

std::vector<RankedCommit> ranking(const CommitGraph& graph, const CandidateField& field) {
    const auto never = [](CommitIndex) {
        return false;
    };
    Settling settling(graph, field);
    settling.settle_merges(never);
    settling.settle_rest(never);
    std::vector<RankedCommit> ranked;
    for (const auto commit : field.oldest_first) {
        if (!graph.nodes()[commit].tree_same) {
            ranked.push_back({commit, distance_of(field, settling, commit)});
        }
    }
    std::sort(ranked.begin(), ranked.end(), [&](const RankedCommit& a, const RankedCommit& b) {
        return a.distance != b.distance ? a.distance > b.distance
                                        : graph.nodes()[a.commit].id < graph.nodes()[b.commit].id;
    });
    return ranked;
}

unsigned estimated_steps(std::uint64_t candidates) noexcept {
    if (candidates < 3) {
        return 0;
    }
    const auto log2 = static_cast<unsigned>(std::bit_width(candidates)) - 1;
    const auto power = std::uint64_t{1} << log2;
    return power < 3 * (candidates - power) ? log2 : log2 - 1;
}

} // namespace lab::core
