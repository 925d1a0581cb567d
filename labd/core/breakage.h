// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ancestor_sums.h"
#include "core/commit.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lab::core {

/// Chances that the commits of a range can be tested, given which were and which could not be.
///
/// A breakage is an interval of the history: one commit opens it, another one closes it; or a
/// single commit is broken by itself. Two commits differ by those that are ancestors of one of them
/// alone, so that number is their distance d; on a line it is the distance along the line. Along it
/// broken and whole take turns as a Markov chain does:
///   broken -> whole with 1 / (mean length of a breakage), whole -> broken with 1 / (mean gap),
/// and a whole commit is broken by itself with a chance of its own. The three are unknown and are
/// summed out on a coarse grid. Two breakages with different reasons are two intervals: the history
/// between them may be whole; between two with the same reason it is not likely to be.
///
/// The chance at a commit follows from the nearest commit tried that is rather older, and the
/// nearest one that is rather newer, each with all that was seen beyond it. On a line that is
/// exact (the forward and backward sums of a hidden Markov model: Rabiner, Proc. IEEE 77, 1989); on
/// branches it leaves out what a third commit would add.
///
/// Value type, pure, not thread-safe. Cost: a sweep over the range for each commit tried.
class Breakage {
public:
    Breakage(std::shared_ptr<const CommitGraph> range, std::shared_ptr<const AncestorSums> sums)
        : range_(std::move(range)), sums_(std::move(sums)) {}

    /// The commit could be tested; once is enough.
    /// @return whether that is new.
    bool worked(CommitIndex commit);

    /// The commit cannot be tested, whatever else was seen of it.
    /// @param reason  the same for the same breakage; empty = unknown.
    void broke(CommitIndex commit, const std::string& reason);

    /// By commit: the chance that it can be tested; 1 while nothing was broken, and of commits that
    /// were tested, 0 of the broken ones. The good end is taken to be whole.
    [[nodiscard]] std::vector<double> testable() const;

private:
    std::shared_ptr<const CommitGraph> range_;
    std::shared_ptr<const AncestorSums> sums_;
    std::map<CommitIndex, int> seen_; ///< by commit: number of the reason; below 0 see breakage.cpp
    std::map<std::string, int> reasons_;
    bool any_broken_ = false;
};

} // namespace lab::core
