// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lab::core {

/// By commit index: 1 for `commit` and all its ancestors in the range, else 0. One sweep.
[[nodiscard]] std::vector<char> ancestors_of(const CommitGraph& graph, CommitIndex commit);

/// What is wrong with a range in which the first commit, the bad end, does not reach all others;
/// nothing when it does.
[[nodiscard]] std::optional<std::string> unreachable_problem(const CommitGraph& graph);

/// Sums of a mass over each commit's ancestors, for any number of masses on one graph.
///
/// The graph is condensed to linear segments: a segment ends at a commit with several children or
/// before one with several parents, so that the ancestors of a merge are whole segments. Ancestor
/// sets of merges are then built for 64 segments at a time and weighed by tables of eight bits;
/// everything between merges is a running sum. Cost S * E / 64 word operations for S segments and E
/// edges between them, memory O(commits).
///
/// Immutable value, thread-safe.
class AncestorSums {
public:
    explicit AncestorSums(const CommitGraph& graph);

    /// By commit index: the sum of `mass` over the commit itself and all its ancestors, each
    /// counted once however many ways lead to it.
    /// @param mass  by commit index, finite.
    [[nodiscard]] std::vector<double> of(std::span<const double> mass) const;

    [[nodiscard]] std::size_t segments() const noexcept { return parent_begin_.size() - 1; }

private:
    struct Entry {
        CommitIndex parent = 0; ///< the only one; unused at roots and merges
        std::uint32_t segment = 0;
        enum class Kind : std::uint8_t { root, single, merge } kind = Kind::root;
    };

    [[nodiscard]] std::vector<double> merge_sums(std::span<const double> segment_mass) const;

    std::vector<Entry> entries_;              ///< by commit index
    std::vector<std::uint32_t> parent_begin_; ///< by segment, one more at the end; oldest first
    std::vector<std::uint32_t> parents_;      ///< segments that lead into a segment
};

} // namespace lab::core
