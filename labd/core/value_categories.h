// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lab::core {

/// A smooth shape of the values of both ends together, which tells where within a category a value
/// lies: halves Normal(good, spread) and Normal(bad, spread).
struct ValueShape {
    double good = 0;
    double bad = 0;
    double spread = 1; ///< > 0
};

/// Values of a metric sorted into a few categories, by which a level may have any distribution:
/// two peaks, a long tail, another spread, few values.
///
/// What is seen of a group of commits is counted by category; the chances of the categories are
/// unknown and are integrated out, with Jeffreys' prior for each group by itself (the Dirichlet-
/// multinomial distribution; Johnson, Kotz & Balakrishnan, Discrete Multivariate Distributions,
/// ch. 35). Within a category all groups have the same density. Immutable value, pure, thread-safe.
class ValueCategories {
public:
    /// The limits lie between values of the ends, so that each category has about as many of them;
    /// equal values share a category.
    /// @param good, bad  values of both ends, some of each.
    ValueCategories(std::span<const double> good, std::span<const double> bad,
                    const ValueShape& shape);

    /// Cells that a group needs: its counts, and the sum of log densities within the categories.
    [[nodiscard]] std::size_t cells() const noexcept { return places_.size() + 1; }

    /// Counts one value in the cells of a group. One that lies as far from all values of the ends
    /// as these lie from each other is of no category: it says nothing.
    void add_sample(std::span<double> cells, double value) const;

    /// Log evidence of the values of a group at a level of their own, the densities left out.
    [[nodiscard]] double log_evidence(std::span<const double> cells) const;

    /// Log of twice the chance that the mean of `bad` is the larger one: the evidence that it is,
    /// as a level of bad commits is the higher one.
    [[nodiscard]] double log_order(std::span<const double> good, std::span<const double> bad) const;

    /// Log of the chance that the next value of a group is of this value's category; 0 for one of
    /// none.
    [[nodiscard]] double log_chance(std::span<const double> cells, double value) const;

    /// The part of a group's log evidence that is the same for all ways to split it.
    [[nodiscard]] double log_densities(std::span<const double> cells) const { return cells.back(); }

    /// Mean of a group's values, each value counting as its category's median.
    [[nodiscard]] double mean(std::span<const double> cells) const;

    /// The spread of a normal distribution whose levels at both means would be told apart as well
    /// as the groups are: by its standard deviation, or by their divergence where that tells more.
    [[nodiscard]] double spread(std::span<const double> good, std::span<const double> bad) const;

private:
    [[nodiscard]] double count(std::span<const double> cells) const;
    [[nodiscard]] double variance(std::span<const double> cells) const;
    [[nodiscard]] double divergence(std::span<const double> a, std::span<const double> b) const;
    [[nodiscard]] std::size_t category_of(double value) const;
    [[nodiscard]] bool is_far(double value) const { return value < least_ || value > most_; }

    ValueShape shape_;
    std::vector<double> limits_;     ///< ascending, one less than there are categories
    std::vector<double> log_shares_; ///< by category: log of the shape's share in it
    std::vector<double> places_;     ///< by category: median of the ends' values; of the outermost
                                     ///< ones no farther from their limit than the next one's
    double within_ = 0;              ///< variance of values within their categories
    double least_ = 0;               ///< values below it, and above `most_`, are of no category
    double most_ = 0;
};

} // namespace lab::core
