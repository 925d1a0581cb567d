// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <vector>

namespace lab::core {

/// Learns what it takes to build a commit from the builds that were paid for. Value type, pure.
///
/// Commits are places in the order of the range: near places have like trees, so that little has to
/// be compiled again. A build from nothing counts as the farthest there is. The estimate is the
/// least-squares line  seconds = a + b * log2(1 + distance to the nearest build),  b >= 0, never
/// below half the cheapest build seen; with fewer than three builds it is their mean.
class BuildCosts {
public:
    /// @param places  commits of the range.
    explicit BuildCosts(std::size_t places) : places_(places) {}

    /// The build is there without being paid for.
    void found(std::size_t place) { built_.insert(place); }

    /// The build is gone, and would have to be paid for again.
    void lost(std::size_t place) { built_.erase(place); }

    /// It took this many seconds; 0 = found.
    void paid(std::size_t place, double seconds);

    /// Seconds still to pay: 0 for a build that is there, and as long as nothing is known.
    [[nodiscard]] double estimate(std::size_t place) const;

    [[nodiscard]] bool is_built(std::size_t place) const { return built_.contains(place); }

private:
    [[nodiscard]] double log_distance(std::size_t place) const;
    void fit();

    std::size_t places_;
    std::set<std::size_t> built_;
    std::vector<double> distances_; ///< log2(1 + distance), by paid build
    std::vector<double> seconds_;
    double base_ = 0;
    double slope_ = 0;
    double least_ = 0;
};

} // namespace lab::core
