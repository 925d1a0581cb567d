// SPDX-License-Identifier: Apache-2.0
// The grid on which the unknown levels and spread of a metric are integrated out.
#include "core/level_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace lab::core {
namespace {

constexpr std::size_t spread_nodes = 9;
constexpr double spread_reach = 3;     ///< of the grid, in standard deviations of log(spread)
constexpr double level_reach = 4.5;    ///< in standard errors of an end's mean
constexpr double other_reach = 3;      ///< the same for commits between
constexpr std::size_t least_other = 3; ///< samples of a commit that get levels of its own
constexpr std::size_t most_levels = 120;
constexpr double least_level_gap = 0.2;     ///< of bad and good, in spreads
constexpr double least_spread_share = 0.02; ///< of the gap: commits differ a little by themselves
constexpr double any_shape = 0.3;           ///< chance that the noise is not about normal
constexpr double prior_margin = 6;          ///< of the flat prior of a level, in spreads

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) {
        return *middle;
    }
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double clipped_square(double value, double limit) {
    const double clipped = std::min(std::abs(value), limit);
    return clipped * clipped;
}

/// Pooled deviation of samples around the median of their own commit; far ones count as three
/// deviations only.
struct Pooled {
    double deviation = 0;
    double freedom = 0;
};

Pooled pool(const std::vector<const std::vector<double>*>& commits) {
    std::vector<double> residuals;
    double freedom = 0;
    for (const auto* samples : commits) {
        if (samples->size() < 2) {
            continue;
        }
        const double centre = median(*samples);
        for (const double sample : *samples) {
            residuals.push_back(std::abs(sample - centre));
        }
        freedom += static_cast<double>(samples->size() - 1);
    }
    const double ordinary = 1.4826 * median(residuals); // of a normal distribution
    double squares = 0;
    for (const double residual : residuals) {
        squares += ordinary > 0 ? clipped_square(residual, 3 * ordinary) : residual * residual;
    }
    return {std::sqrt(squares / freedom), freedom};
}

/// Part of the axis of levels.
struct Window {
    double from;
    double to;
};

std::vector<Window> windows_of(const LevelSamples& samples, double spread) {
    const auto around = [&](const std::vector<double>& values, double reach) {
        const double half = reach * spread / std::sqrt(static_cast<double>(values.size()));
        return Window{median(values) - half, median(values) + half};
    };
    std::vector<Window> windows{around(samples.good, level_reach),
                                around(samples.bad, level_reach)};
    for (const auto& other : samples.others) {
        if (other.size() >= least_other) {
            windows.push_back(around(other, other_reach));
        }
    }
    std::sort(windows.begin(), windows.end(),
              [](const Window& a, const Window& b) { return a.from < b.from; });
    std::vector<Window> joined;
    for (const auto& window : windows) {
        if (joined.empty() || window.from > joined.back().to) {
            joined.push_back(window);
        } else {
            joined.back().to = std::max(joined.back().to, window.to);
        }
    }
    return joined;
}

/// Nodes of one lattice that lie in the windows.
std::vector<double> lattice(const std::vector<Window>& windows, double step) {
    std::vector<double> nodes;
    const double origin = windows.front().from;
    for (const auto& window : windows) {
        const auto first = std::llround(std::ceil((window.from - origin) / step));
        const auto last = std::llround(std::floor((window.to - origin) / step));
        for (auto node = first; node <= last; ++node) {
            nodes.push_back(origin + static_cast<double>(node) * step);
        }
    }
    return nodes;
}

double width_of(const std::vector<Window>& windows) {
    double width = 0;
    for (const auto& window : windows) {
        width += window.to - window.from;
    }
    return width;
}

std::vector<double> spreads_around(const Pooled& pooled) {
    const double half = spread_reach / std::sqrt(2 * pooled.freedom);
    std::vector<double> spreads;
    for (std::size_t node = 0; node < spread_nodes; ++node) {
        const double place = 2.0 * static_cast<double>(node) / (spread_nodes - 1) - 1;
        spreads.push_back(pooled.deviation * std::exp(half * place));
    }
    return spreads;
}

} // namespace

LevelModel LevelModel::learned_levels(const LevelSamples& samples) {
    if (samples.good.size() < 2 || samples.bad.size() < 2) {
        throw std::domain_error("levels: too few samples of an end (at least 2)");
    }
    std::vector<const std::vector<double>*> commits{&samples.good, &samples.bad};
    std::size_t count = samples.good.size() + samples.bad.size();
    for (const auto& other : samples.others) {
        commits.push_back(&other);
        count += other.size();
    }
    const double good = median(samples.good);
    const double bad = median(samples.bad);
    auto pooled = pool(commits);
    const double size = std::max(std::abs(good), std::abs(bad));
    pooled.deviation = std::max(
        {pooled.deviation, least_spread_share * std::abs(bad - good), 1e-9 * size, 1e-300});
    const auto windows = windows_of(samples, pooled.deviation);
    const double step = std::max(pooled.deviation / std::sqrt(static_cast<double>(count)),
                                 width_of(windows) / static_cast<double>(most_levels));
    LevelModel model(lattice(windows, step), spreads_around(pooled));
    const double prior_width = std::abs(bad - good) + prior_margin * pooled.deviation;
    model.log_node_prior_ = std::log(step / prior_width);
    model.allow_pairs(least_level_gap);
    for (auto& weight : model.pair_weight_) { // ordered pairs are half of all pairs
        weight = 2 * std::exp(2 * model.log_node_prior_) / static_cast<double>(spread_nodes);
    }
    for (auto& prior : model.log_trio_prior_) {
        prior = 3 * model.log_node_prior_ - std::log(static_cast<double>(spread_nodes));
    }
    model.outlier_centre_ = (good + bad) / 2;
    model.outlier_scale_ = std::max(std::abs(bad - good) / 2, 3 * pooled.deviation);
    model.categories_.emplace(samples.good, samples.bad, ValueShape{good, bad, pooled.deviation});
    // The shape's two levels were fitted: without that they would be unknown within prior_width.
    const double known = pooled.deviation *
                         std::sqrt(4 * std::numbers::pi / static_cast<double>(count)) / prior_width;
    model.log_any_shape_ = std::log(any_shape) + 2 * std::min(std::log(known), 0.0);
    return model;
}

} // namespace lab::core
