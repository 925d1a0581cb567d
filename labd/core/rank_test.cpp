// SPDX-License-Identifier: Apache-2.0
#include "core/rank_test.h"

#include "core/statistics.h"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace lab::core {
namespace {

constexpr std::size_t most_exact = 20;

struct Ranks {
    double u = 0;    ///< pairs in which a's value is the larger one, ties as halves
    double ties = 0; ///< sum of t^3 - t over groups of t equal values
};

void require_finite(std::span<const double> a, std::span<const double> b) {
    // mean() says what is wrong.
    static_cast<void>(mean(a));
    static_cast<void>(mean(b));
}

Ranks rank(std::span<const double> a, std::span<const double> b) {
    struct Value {
        double value;
        bool of_a;
    };
    std::vector<Value> all;
    for (const double value : a) {
        all.push_back({value, true});
    }
    for (const double value : b) {
        all.push_back({value, false});
    }
    std::sort(all.begin(), all.end(),
              [](const Value& x, const Value& y) { return x.value < y.value; });
    Ranks ranks;
    double sum_of_a = 0;
    for (std::size_t first = 0; first < all.size();) {
        std::size_t behind = first;
        while (behind < all.size() && all[behind].value == all[first].value) {
            ++behind;
        }
        const auto count = static_cast<double>(behind - first);
        const double middle = static_cast<double>(first + behind + 1) / 2;
        for (; first < behind; ++first) {
            sum_of_a += all[first].of_a ? middle : 0;
        }
        ranks.ties += count * count * count - count;
    }
    const auto m = static_cast<double>(a.size());
    ranks.u = sum_of_a - m * (m + 1) / 2;
    return ranks;
}

/// How many of all orders of m and n different values have each U: the coefficients of the Gaussian
/// binomial, by the recurrence over whose value is the largest.
std::vector<double> orders(std::size_t m, std::size_t n) {
    // ways[j][u]: orders of i values of a and j of b with that U.
    std::vector<std::vector<double>> ways(n + 1, std::vector<double>(m * n + 1, 0));
    for (auto& row : ways) {
        row[0] = 1;
    }
    for (std::size_t i = 1; i <= m; ++i) {
        for (std::size_t j = 1; j <= n; ++j) {
            // Largest of b: it adds nothing. Largest of a: it beats all j of b.
            auto next = ways[j - 1];
            for (std::size_t u = j; u < next.size(); ++u) {
                next[u] += ways[j][u - j];
            }
            ways[j] = std::move(next);
        }
    }
    return ways[n];
}

double exact(double u, std::size_t m, std::size_t n) {
    const auto ways = orders(m, n);
    const double total = std::accumulate(ways.begin(), ways.end(), 0.0);
    const double nearer = std::min(u, static_cast<double>(m * n) - u);
    const auto last = static_cast<std::ptrdiff_t>(nearer);
    const double tail = std::accumulate(ways.begin(), ways.begin() + last + 1, 0.0);
    return std::min(1.0, 2 * tail / total);
}

double approximate(const Ranks& ranks, double m, double n) {
    const double all = m + n;
    const double variance = m * n / 12 * (all + 1 - ranks.ties / (all * (all - 1)));
    if (variance <= 0) {
        return 1;
    }
    const double distance = std::max(0.0, std::abs(ranks.u - m * n / 2) - 0.5);
    const boost::math::normal distribution;
    return std::min(1.0, 2 * boost::math::cdf(boost::math::complement(
                                 distribution, distance / std::sqrt(variance))));
}

/// Number of differences b_j - a_i that are at most `limit`; both are sorted.
std::size_t differences_up_to(const std::vector<double>& a, const std::vector<double>& b,
                              double limit) {
    std::size_t count = 0;
    std::size_t j = 0;
    for (const double value : a) {
        while (j < b.size() && b[j] - value <= limit) {
            ++j;
        }
        count += j;
    }
    return count;
}

/// The difference that has `index` smaller or equal ones before it, to the precision of a double.
double difference_at(const std::vector<double>& a, const std::vector<double>& b,
                     std::size_t index) {
    double low = b.front() - a.back();
    double high = b.back() - a.front();
    if (differences_up_to(a, b, low) > index) {
        return low;
    }
    for (;;) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) {
            return high;
        }
        (differences_up_to(a, b, middle) > index ? high : low) = middle;
    }
}

} // namespace

double mann_whitney(std::span<const double> a, std::span<const double> b) {
    require_finite(a, b);
    const auto ranks = rank(a, b);
    const bool is_small = a.size() <= most_exact && b.size() <= most_exact;
    return is_small && ranks.ties == 0
               ? exact(ranks.u, a.size(), b.size())
               : approximate(ranks, static_cast<double>(a.size()), static_cast<double>(b.size()));
}

double least_mann_whitney(std::size_t m, std::size_t n) {
    // Beyond this it is smaller than any limit that is asked about.
    if (m + n > 100) {
        return 0;
    }
    return 2 / boost::math::binomial_coefficient<double>(static_cast<unsigned>(m + n),
                                                         static_cast<unsigned>(m));
}

double welch(std::span<const double> a, std::span<const double> b) {
    const double deviation_a = sample_deviation(a);
    const double deviation_b = sample_deviation(b);
    const auto m = static_cast<double>(a.size());
    const auto n = static_cast<double>(b.size());
    const double part_a = deviation_a * deviation_a / m;
    const double part_b = deviation_b * deviation_b / n;
    const double difference = std::abs(mean(b) - mean(a));
    if (part_a + part_b == 0) {
        return difference == 0 ? 1 : 0;
    }
    const double sum = part_a + part_b;
    const double freedom = sum * sum / (part_a * part_a / (m - 1) + part_b * part_b / (n - 1));
    const boost::math::students_t distribution(freedom);
    return std::min(1.0, 2 * boost::math::cdf(boost::math::complement(
                                 distribution, difference / std::sqrt(sum))));
}

double hodges_lehmann(std::span<const double> a, std::span<const double> b) {
    require_finite(a, b);
    std::vector<double> from(a.begin(), a.end());
    std::vector<double> to(b.begin(), b.end());
    std::sort(from.begin(), from.end());
    std::sort(to.begin(), to.end());
    const auto count = from.size() * to.size();
    const double upper = difference_at(from, to, count / 2);
    return count % 2 == 1 ? upper : (difference_at(from, to, count / 2 - 1) + upper) / 2;
}

std::vector<double> benjamini_hochberg(const std::vector<double>& p_values) {
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t x, std::size_t y) { return p_values[x] < p_values[y]; });
    std::vector<double> adjusted(p_values.size());
    double least = 1;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        const auto index = order[rank - 1];
        const double scaled =
            p_values[index] * static_cast<double>(order.size()) / static_cast<double>(rank);
        least = std::min(least, scaled);
        adjusted[index] = least;
    }
    return adjusted;
}

} // namespace lab::core
