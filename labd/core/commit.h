// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::core {

/// Full object id of a commit: 40 lower-case hex digits.
class CommitId {
public:
    CommitId() = default;

    /// @throws Error bad_input  when the text is not 40 lower-case hex digits.
    explicit CommitId(std::string_view hex);

    [[nodiscard]] const std::string& hex() const noexcept { return hex_; }
    [[nodiscard]] std::string abbreviated() const { return hex_.substr(0, 12); }
    [[nodiscard]] bool empty() const noexcept { return hex_.empty(); }

    friend auto operator<=>(const CommitId&, const CommitId&) = default;

private:
    std::string hex_;
};

/// Index of a commit inside one CommitGraph.
using CommitIndex = std::uint32_t;

/// The commits of a range, `git rev-list <bad> --not <good...>`, newest first, each with the
/// indices of its parents inside the range (git's parent order; parents outside are left out, so a
/// commit whose parents are all outside has none). Immutable value, thread-safe.
///
/// git breaks ties between equally good midpoints by the order of its own walk, which goes by date
/// and not by ancestry. With dates the same walk is made here; without any (all 0) the order of the
/// nodes stands for it.
class CommitGraph {
public:
    struct Node {
        CommitId id;
        std::vector<CommitIndex> parents;
        bool tree_same =
            false; ///< touches none of the paths asked for: neither counted nor proposed
        std::int64_t date = 0; ///< committer's, in seconds since the epoch; 0 = not known
    };

    CommitGraph() = default;

    /// @param nodes  children before parents; parent indices are greater than the child's own.
    /// @throws Error bad_input  when that does not hold or an id appears twice.
    explicit CommitGraph(std::vector<Node> nodes);

    [[nodiscard]] const std::vector<Node>& nodes() const noexcept { return nodes_; }
    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] bool contains(const CommitId& id) const;

    /// @throws Error not_found  when the range does not hold the commit.
    [[nodiscard]] CommitIndex index_of(const CommitId& id) const;

    /// The same graph in which these commits do not count; those outside are left out.
    [[nodiscard]] CommitGraph without(const std::vector<CommitId>& commits) const;

private:
    [[nodiscard]] std::vector<CommitIndex>::const_iterator position(const CommitId& id) const;

    std::vector<Node> nodes_;
    std::vector<CommitIndex> by_id_; ///< indices sorted by id
};

} // namespace lab::core

template <>
struct std::hash<lab::core::CommitId> {
    std::size_t operator()(const lab::core::CommitId& id) const noexcept {
        return std::hash<std::string>{}(id.hex());
    }
};
