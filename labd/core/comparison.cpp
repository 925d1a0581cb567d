// SPDX-License-Identifier: Apache-2.0
#include "core/comparison.h"

#include "core/rank_test.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

/// p-values of one comparison, before they are adjusted.
struct PValues {
    Comparison* of;
    double welch;
    double rank;
    bool ranks_agree;
};

/// One that may be adjusted together with the others.
std::optional<PValues> p_values(const std::vector<double>& base, const std::vector<double>& other,
                                Comparison& comparison) {
    if (base.size() < 2 || other.size() < 2) {
        return std::nullopt;
    }
    const double rank = mann_whitney(base, other);
    const double reachable = least_mann_whitney(base.size(), other.size());
    // The least value comes out of another sum than the one it is compared with.
    const bool agree = rank <= std::max(0.05, reachable * (1 + 1e-9));
    return PValues{&comparison, welch(base, other), rank, agree};
}

Comparison describe(const std::vector<double>& base, const std::vector<double>& other,
                    Direction better) {
    Comparison comparison;
    if (base.empty() || other.empty()) {
        return comparison;
    }
    const auto from = summarize(base);
    const auto to = summarize(other);
    const double sign = better == Direction::higher_is_better ? 1 : -1;
    if (from.mean != 0) {
        comparison.change = sign * (to.mean - from.mean) / std::abs(from.mean);
        comparison.shift = sign * hodges_lehmann(base, other) / std::abs(from.mean);
    }
    comparison.disjoint = from.interval && to.interval && !overlap(*from.interval, *to.interval);
    return comparison;
}

Difference finding_of(const PValues& values, double direction) {
    const bool shown =
        *values.of->welch <= false_finding_rate && values.ranks_agree && direction != 0;
    if (!shown) {
        return Difference::no_difference;
    }
    return direction < 0 ? Difference::regression : Difference::improvement;
}

/// The difference of means in the metric's direction; its sign is what counts.
double better_by(const MetricSamples& metric, std::size_t profile) {
    const double difference = mean(metric.profiles[profile]) - mean(metric.profiles.front());
    return metric.better == Direction::higher_is_better ? difference : -difference;
}

} // namespace

const char* to_string(Difference finding) noexcept {
    switch (finding) {
    case Difference::too_few:
        return "too few";
    case Difference::no_difference:
        return "no difference";
    case Difference::regression:
        return "regression";
    case Difference::improvement:
        break;
    }
    return "improvement";
}

Summary summarize(std::span<const double> values) {
    Summary summary;
    summary.count = values.size();
    summary.mean = mean(values);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    summary.min = *least;
    summary.max = *most;
    if (values.size() > 1) {
        summary.interval = mean_interval(values);
    }
    return summary;
}

std::vector<std::vector<Comparison>> compare(const std::vector<MetricSamples>& metrics) {
    std::vector<std::vector<Comparison>> comparisons(metrics.size());
    std::vector<PValues> family;
    std::vector<double> directions;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const auto& profiles = metrics[i].profiles;
        comparisons[i].resize(profiles.empty() ? 0 : profiles.size() - 1);
        for (std::size_t k = 1; k < profiles.size(); ++k) {
            auto& comparison = comparisons[i][k - 1];
            comparison = describe(profiles[0], profiles[k], metrics[i].better);
            if (const auto values = p_values(profiles[0], profiles[k], comparison)) {
                family.push_back(*values);
                directions.push_back(better_by(metrics[i], k));
            }
        }
    }
    std::vector<double> welches;
    std::vector<double> ranks;
    for (const auto& values : family) {
        welches.push_back(values.welch);
        ranks.push_back(values.rank);
    }
    welches = benjamini_hochberg(welches);
    ranks = benjamini_hochberg(ranks);
    for (std::size_t i = 0; i < family.size(); ++i) {
        family[i].of->welch = welches[i];
        family[i].of->rank = ranks[i];
        family[i].of->finding = finding_of(family[i], directions[i]);
    }
    return comparisons;
}

} // namespace lab::core
