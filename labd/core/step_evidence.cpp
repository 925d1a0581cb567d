// SPDX-License-Identifier: Apache-2.0
#include "core/step_evidence.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace lab::core {
namespace {

constexpr std::size_t most_half_gaps = 500; ///< lattice steps in half a gap

/// A lattice of levels from half a gap below the good level to half a gap above the bad one.
struct Lattice {
    double origin = 0;
    double step = 0;
    std::size_t gap = 0; ///< in steps; the lattice has two gaps

    [[nodiscard]] std::size_t size() const { return 2 * gap + 1; }
};

Lattice lattice_of(const ExpectedLevels& levels, std::size_t samples) {
    const double gap = levels.bad - levels.good;
    const double wanted = levels.spread / (2 * std::sqrt(static_cast<double>(samples)));
    const auto half = std::clamp<std::size_t>(
        static_cast<std::size_t>(std::ceil(std::min(gap / wanted / 2, 1e6))), 1, most_half_gaps);
    return {levels.good - gap / 2, gap / static_cast<double>(2 * half), 2 * half};
}

/// Log likelihood of a group at every level of the lattice.
std::vector<double> likelihoods(std::span<const double> samples, const ExpectedLevels& levels,
                                const Lattice& lattice) {
    const double centre = (levels.good + levels.bad) / 2;
    const double width = std::max((levels.bad - levels.good) / 2, 3 * levels.spread);
    const double scale = (1 - outlier_share) / (levels.spread * std::sqrt(2 * std::numbers::pi));
    std::vector<double> logs(lattice.size(), 0);
    for (const double sample : samples) {
        const double far = (sample - centre) / width;
        const double outlier = outlier_share / (std::numbers::pi * width * (1 + far * far));
        for (std::size_t node = 0; node < logs.size(); ++node) {
            const double level = lattice.origin + static_cast<double>(node) * lattice.step;
            const double distance = (sample - level) / levels.spread;
            logs[node] += std::log(scale * std::exp(-distance * distance / 2) + outlier);
        }
    }
    return logs;
}

/// log of the mean of exp(a[i] + b[i + apart]).
double log_mean(const std::vector<double>& a, const std::vector<double>& b, std::size_t apart) {
    const auto count = a.size() - apart;
    double top = a[0] + b[apart];
    for (std::size_t i = 0; i < count; ++i) {
        top = std::max(top, a[i] + b[i + apart]);
    }
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        sum += std::exp(a[i] + b[i + apart] - top);
    }
    return top + std::log(sum / static_cast<double>(count));
}

} // namespace

double log_evidence_of_step(std::span<const double> good, std::span<const double> bad,
                            const ExpectedLevels& levels) {
    if (good.empty() || bad.empty()) {
        return 0;
    }
    const auto lattice = lattice_of(levels, good.size() + bad.size());
    const auto of_good = likelihoods(good, levels, lattice);
    const auto of_bad = likelihoods(bad, levels, lattice);
    return log_mean(of_good, of_bad, lattice.gap) - log_mean(of_good, of_bad, 0);
}

} // namespace lab::core
