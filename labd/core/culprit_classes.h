// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace lab::core {

/// Splits the commits of a range into classes that no observation can tell apart: two commits are
/// in one class when, as culprits, they make the same marked commits bad.
///
/// A mark is a commit that was tried. Value type, pure, not thread-safe. A new mark costs one sweep
/// over the range.
class CulpritClasses {
public:
    explicit CulpritClasses(std::shared_ptr<const CommitGraph> range);

    /// Number of the commit's mark; the same one when it was marked before.
    std::size_t mark(CommitIndex commit);

    /// Excludes every culprit that would make one of both commits bad and not the other: they are
    /// the same artefact.
    void tie(CommitIndex a, CommitIndex b);

    /// Excludes every culprit that would make the commit bad: it is the artefact of the good end.
    void clear(CommitIndex commit);

    [[nodiscard]] std::size_t size() const noexcept { return bad_.size(); }
    [[nodiscard]] std::size_t marks() const noexcept { return marked_.size(); }

    [[nodiscard]] CommitIndex marked(std::size_t mark) const { return marked_[mark]; }

    /// Class of each commit.
    [[nodiscard]] const std::vector<std::uint32_t>& class_of() const noexcept { return class_of_; }

    /// Whether a culprit of the class makes a mark's commit bad.
    [[nodiscard]] bool makes_bad(std::size_t culprits, std::size_t mark) const {
        return bad_[culprits][mark] != 0;
    }

    /// By mark: 1 when a culprit of the class makes the commit bad.
    [[nodiscard]] const std::vector<char>& bad_marks(std::size_t culprits) const {
        return bad_[culprits];
    }

    /// Whether no tie and no cleared commit excludes the class.
    [[nodiscard]] bool possible(std::size_t culprits) const;

    /// Commits of the class that may be culprits, that is, those that touch the paths asked for.
    [[nodiscard]] double weight(std::size_t culprits) const { return weight_[culprits]; }

private:
    void split(const std::vector<char>& ancestors);

    std::shared_ptr<const CommitGraph> range_;
    std::vector<CommitIndex> marked_;
    std::vector<std::uint32_t> class_of_;
    std::vector<std::vector<char>> bad_;
    std::vector<double> weight_;
    std::vector<std::pair<std::size_t, std::size_t>> ties_; ///< of marks
    std::vector<std::size_t> cleared_;                      ///< marks
};

} // namespace lab::core
