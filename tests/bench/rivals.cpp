// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/rivals.h"

#include "core/channel.h"
#include "core/classification.h"

#include <cmath>
#include <functional>
#include <random>

namespace lab::bench {
namespace {

/// Whether commit holds the culprit, by some samples; nothing = untold.
using Verdict = std::function<std::optional<bool>(bool is_bad, double& samples)>;

Rival halve(const Cell& cell, std::size_t runs, std::mt19937& random, const Verdict& verdict) {
    Rival rival;
    for (std::size_t run = 0; run < runs; ++run) {
        const auto culprit = random() % cell.commits; // 0 is the oldest
        std::size_t low = 0;                          // oldest and newest that may be it
        std::size_t high = cell.commits - 1;
        bool told = true;
        while (low < high && told) {
            const auto middle = (low + high) / 2;
            const auto said = verdict(middle >= culprit, rival.samples);
            told = said.has_value();
            if (told) {
                (*said ? high : low) = *said ? middle : middle + 1;
            }
        }
        rival.right += told && low == culprit ? 1 : 0;
    }
    rival.right /= static_cast<double>(runs);
    rival.samples /= static_cast<double>(runs);
    return rival;
}

double draw(const Cell& cell, bool is_bad, std::mt19937& random) {
    if (cell.step > 0) {
        return std::normal_distribution<double>(is_bad ? cell.step : 0, 1)(random);
    }
    const double rate = is_bad ? 1 - cell.bad_passes : cell.good_fails;
    return std::uniform_real_distribution<double>(0, 1)(random) < rate ? 1 : 0;
}

double binomial_tail(int trials, int least, double rate) {
    double sum = 0;
    for (int k = least; k <= trials; ++k) {
        sum += std::exp(std::lgamma(trials + 1.0) - std::lgamma(k + 1.0) -
                        std::lgamma(trials - k + 1.0)) *
               std::pow(rate, k) * std::pow(1 - rate, trials - k);
    }
    return sum;
}

/// Chance that `samples` of one commit give the wrong verdict, the worse of both sorts.
double verdict_risk(const Cell& cell, int samples) {
    if (cell.step > 0) {
        return std::erfc(cell.step / 2 * std::sqrt(samples) / std::sqrt(2.0)) / 2;
    }
    if (cell.good_fails == 0) {
        return std::pow(cell.bad_passes, samples);
    }
    const int least = samples / 2 + 1;
    return std::max(binomial_tail(samples, least, cell.good_fails),
                    binomial_tail(samples, least, cell.bad_passes));
}

} // namespace

Rival plain_bisect(const Cell& cell, std::size_t runs) {
    std::mt19937 random(1);
    const double border = cell.step > 0 ? cell.step / 2 : 0.5;
    return halve(cell, runs, random, [&](bool is_bad, double& samples) {
        samples += 1;
        return std::optional(draw(cell, is_bad, random) > border);
    });
}

Rival majority(const Cell& cell, std::size_t runs) {
    const double steps = std::ceil(std::log2(static_cast<double>(cell.commits)));
    int count = 1;
    while (1 - std::pow(1 - verdict_risk(cell, count), steps) > 0.01) {
        count += cell.good_fails == 0 ? 1 : 2;
    }
    std::mt19937 random(2);
    double border = cell.step > 0 ? cell.step / 2 : 0.5;
    if (cell.step == 0 && cell.good_fails == 0) {
        border = 0; // any failure
    }
    return halve(cell, runs, random, [&](bool is_bad, double& samples) {
        double sum = 0;
        for (int i = 0; i < count; ++i) {
            sum += draw(cell, is_bad, random);
        }
        samples += count;
        return std::optional(sum / count > border);
    });
}

std::optional<Rival> one_plus_four(const Cell& cell, std::size_t runs) {
    if (cell.step == 0) {
        return std::nullopt;
    }
    std::mt19937 random(3);
    std::optional<core::Baselines> baselines;
    const auto renew = [&] {
        for (int attempt = 0; attempt < 1000; ++attempt) {
            std::vector<double> good;
            std::vector<double> bad;
            for (int i = 0; i < 5; ++i) {
                good.push_back(draw(cell, false, random));
                bad.push_back(draw(cell, true, random));
            }
            auto made = core::Baselines::create(good, bad, core::Direction::lower_is_better);
            if (made) {
                baselines = *made;
                return;
            }
        }
    };
    Rival all;
    for (std::size_t run = 0; run < runs; ++run) {
        renew();
        const auto one = halve(cell, 1, random, [&](bool is_bad, double& samples) {
            std::vector<double> values;
            auto said = core::classify(*baselines, values);
            while (const auto* more = std::get_if<core::MoreSamples>(&said)) {
                for (std::size_t i = 0; i < more->count; ++i) {
                    values.push_back(draw(cell, is_bad, random));
                }
                said = core::classify(*baselines, values);
            }
            samples += static_cast<double>(values.size());
            const auto verdict = std::get<core::Classified>(said).verdict;
            return verdict == core::Verdict::skip ? std::nullopt
                                                  : std::optional(verdict == core::Verdict::bad);
        });
        all.right += one.right / static_cast<double>(runs);
        all.samples += (one.samples + 10) / static_cast<double>(runs);
    }
    return all;
}

double theoretical_bound(const Cell& cell) {
    const auto channel = cell.step > 0
                             ? core::Channel::of_metric({0, cell.step, 1})
                             : core::Channel::of_rates({cell.good_fails, 1 - cell.bad_passes, 0});
    return std::log2(static_cast<double>(cell.commits)) / channel.capacity() +
           std::log2(1 / (1 - cell.confidence)) / channel.divergence();
}

} // namespace lab::bench
