// SPDX-License-Identifier: Apache-2.0
#include "core/ancestor_sums.h"

#include <algorithm>
#include <array>
#include <bit>

namespace lab::core {
namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t bytes_of_block = block_size / 8;

/// Sums over any subset of 64 masses, by eight look-ups.
class BlockTable {
public:
    explicit BlockTable(std::span<const double> mass) {
        for (std::size_t byte = 0; byte < bytes_of_block; ++byte) {
            auto& table = sums_[byte];
            table[0] = 0;
            for (std::size_t set = 1; set < table.size(); ++set) {
                const auto lowest = static_cast<std::size_t>(std::countr_zero(set));
                const auto at = byte * 8 + lowest;
                table[set] = table[set & (set - 1)] + (at < mass.size() ? mass[at] : 0);
            }
        }
        total_ = sum(~std::uint64_t{0});
    }

    [[nodiscard]] double total() const noexcept { return total_; }

    [[nodiscard]] double sum(std::uint64_t set) const noexcept {
        double all = 0;
        for (std::size_t byte = 0; byte < bytes_of_block; ++byte) {
            all += sums_[byte][(set >> (8 * byte)) & 0xff];
        }
        return all;
    }

private:
    std::array<std::array<double, 256>, bytes_of_block> sums_{};
    double total_ = 0;
};

std::uint64_t full_block(std::size_t members) {
    return members >= block_size ? ~std::uint64_t{0} : (std::uint64_t{1} << members) - 1;
}

} // namespace

std::vector<char> ancestors_of(const CommitGraph& graph, CommitIndex commit) {
    std::vector<char> reached(graph.size(), 0);
    reached[commit] = 1;
    for (std::size_t index = commit; index < graph.size(); ++index) {
        if (reached[index] == 0) {
            continue;
        }
        for (const auto parent : graph.nodes()[index].parents) {
            reached[parent] = 1; // parents stand behind their children, so one sweep is enough
        }
    }
    return reached;
}

std::optional<std::string> unreachable_problem(const CommitGraph& graph) {
    const auto reached = ancestors_of(graph, 0);
    const auto stray = std::find(reached.begin(), reached.end(), 0);
    if (stray == reached.end()) {
        return std::nullopt;
    }
    const auto index = static_cast<std::size_t>(stray - reached.begin());
    return "commit " + graph.nodes()[index].id.hex() +
           " is not reachable from the bad one (the first)";
}

AncestorSums::AncestorSums(const CommitGraph& graph) : entries_(graph.size()) {
    const auto& nodes = graph.nodes();
    std::vector<std::uint32_t> children(nodes.size(), 0);
    for (const auto& node : nodes) {
        for (const auto parent : node.parents) {
            ++children[parent];
        }
    }
    parent_begin_.push_back(0);
    for (std::size_t index = nodes.size(); index-- > 0;) {
        const auto& parents = nodes[index].parents;
        auto& entry = entries_[index];
        if (parents.size() == 1) {
            entry.kind = Entry::Kind::single;
            entry.parent = parents.front();
            if (children[entry.parent] == 1) {
                entry.segment = entries_[entry.parent].segment;
                continue;
            }
        } else if (parents.size() > 1) {
            entry.kind = Entry::Kind::merge;
        }
        entry.segment = static_cast<std::uint32_t>(parent_begin_.size() - 1);
        for (const auto parent : parents) {
            parents_.push_back(entries_[parent].segment);
        }
        parent_begin_.push_back(static_cast<std::uint32_t>(parents_.size()));
    }
}

std::vector<double> AncestorSums::merge_sums(std::span<const double> segment_mass) const {
    const std::size_t count = segments();
    std::vector<double> sums(count, 0);
    std::vector<std::uint64_t> reached(count, 0);
    for (std::size_t first = 0; first < count; first += block_size) {
        const auto members = std::min(block_size, count - first);
        const auto masses = segment_mass.subspan(first, members);
        const auto full = full_block(members);
        if (std::all_of(masses.begin(), masses.end(), [](double mass) { return mass == 0; })) {
            continue;
        }
        const BlockTable table(masses);
        for (std::size_t segment = first; segment < count; ++segment) {
            const auto begin = parent_begin_[segment];
            const auto end = parent_begin_[segment + 1];
            std::uint64_t set = 0;
            for (auto edge = begin; edge < end; ++edge) {
                set |= parents_[edge] >= first ? reached[parents_[edge]] : 0;
            }
            if (end - begin > 1 && set != 0) {
                sums[segment] += set == full ? table.total() : table.sum(set);
            }
            if (segment - first < members) {
                set |= std::uint64_t{1} << (segment - first);
            }
            reached[segment] = set;
        }
    }
    return sums;
}

std::vector<double> AncestorSums::of(std::span<const double> mass) const {
    std::vector<double> segment_mass(segments(), 0);
    for (std::size_t index = 0; index < entries_.size(); ++index) {
        segment_mass[entries_[index].segment] += mass[index];
    }
    const auto merged = merge_sums(segment_mass);
    std::vector<double> sums(entries_.size());
    for (std::size_t index = entries_.size(); index-- > 0;) {
        const auto& entry = entries_[index];
        double before = 0;
        if (entry.kind == Entry::Kind::single) {
            before = sums[entry.parent];
        } else if (entry.kind == Entry::Kind::merge) {
            before = merged[entry.segment];
        }
        sums[index] = mass[index] + before;
    }
    return sums;
}

} // namespace lab::core
