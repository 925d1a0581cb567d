// SPDX-License-Identifier: Apache-2.0
#include "core/commit.h"

#include "base/text.h"

#include <algorithm>
#include <numeric>

namespace lab::core {
namespace {

constexpr std::size_t id_length = 40;

bool is_lower_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::vector<CommitIndex> sorted_by_id(const std::vector<CommitGraph::Node>& nodes) {
    std::vector<CommitIndex> order(nodes.size());
    std::iota(order.begin(), order.end(), CommitIndex{0});
    std::sort(order.begin(), order.end(),
              [&](CommitIndex a, CommitIndex b) { return nodes[a].id < nodes[b].id; });
    return order;
}

} // namespace

CommitId::CommitId(std::string_view hex) : hex_(hex) {
    if (hex.size() != id_length || !std::all_of(hex.begin(), hex.end(), is_lower_hex)) {
        throw Error(ErrorCode::bad_input, "commit id '" + escape_for_terminal(cap(hex, 64)) +
                                              "': is malformed (40 lower-case hex digits)");
    }
}

CommitGraph::CommitGraph(std::vector<Node> nodes)
    : nodes_(std::move(nodes)), by_id_(sorted_by_id(nodes_)) {
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        for (const auto parent : nodes_[index].parents) {
            if (parent <= index || parent >= nodes_.size()) {
                throw Error(ErrorCode::bad_input,
                            "commit " + nodes_[index].id.hex() +
                                ": its parent is out of order (children come before parents)");
            }
        }
    }
    const auto twin =
        std::adjacent_find(by_id_.begin(), by_id_.end(), [&](CommitIndex a, CommitIndex b) {
            return nodes_[a].id == nodes_[b].id;
        });
    if (twin != by_id_.end()) {
        throw Error(ErrorCode::bad_input,
                    "commit " + nodes_[*twin].id.hex() + ": appears twice in the range (once)");
    }
}

bool CommitGraph::contains(const CommitId& id) const {
    const auto found = position(id);
    return found != by_id_.end() && nodes_[*found].id == id;
}

CommitIndex CommitGraph::index_of(const CommitId& id) const {
    const auto found = position(id);
    if (found == by_id_.end() || nodes_[*found].id != id) {
        throw Error(ErrorCode::not_found, "commit " + id.hex() + ": is not in the range");
    }
    return *found;
}

std::vector<CommitIndex>::const_iterator CommitGraph::position(const CommitId& id) const {
    return std::lower_bound(by_id_.begin(), by_id_.end(), id,
                            [&](CommitIndex a, const CommitId& b) { return nodes_[a].id < b; });
}

CommitGraph CommitGraph::without(const std::vector<CommitId>& commits) const {
    auto copy = *this;
    for (const auto& commit : commits) {
        if (contains(commit)) {
            copy.nodes_[index_of(commit)].tree_same = true;
        }
    }
    return copy;
}

} // namespace lab::core
