// SPDX-License-Identifier: Apache-2.0
#include "core/classification.h"

#include "core/stored_verdict.h"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

namespace lab::core {
namespace {

constexpr double margin_factor = 1.5;

/// Spread below this share of the gap is rounding, not knowledge.
constexpr double least_spread = 1e-9;

/// What the samples of one commit say, in the coordinates "0 = good level, 1 = bad level".
struct Evidence {
    std::size_t count = 0;
    double mean = 0;
    double deviation = 0; ///< 0 for one sample
};

double gap_of(const Baselines& baselines) {
    return std::abs(baselines.bad().mean - baselines.good().mean);
}

/// Distance of a value from the good level towards the bad one, in the unit of the values.
double badness(const Baselines& baselines, double value) {
    const double sign = baselines.bad().mean < baselines.good().mean ? -1 : 1;
    return sign * (value - baselines.good().mean);
}

double margin_of(const Baselines& baselines) {
    return margin_factor * std::max(baselines.good().half_width, baselines.bad().half_width);
}

std::optional<Verdict> nearer_side(const Baselines& baselines, double value) {
    const double gap = gap_of(baselines);
    const double place = std::clamp(badness(baselines, value), 0.0, gap);
    const double lead = std::abs(gap - 2 * place);
    if (lead == 0 || lead < margin_of(baselines)) {
        return std::nullopt;
    }
    return place < gap / 2 ? Verdict::good : Verdict::bad;
}

double squares(const MeanInterval& level) {
    return level.deviation * level.deviation * static_cast<double>(level.count - 1);
}

/// Posterior probability of the bad level.
double chance_of_bad(const Baselines& baselines, const Evidence& evidence) {
    const auto count = static_cast<double>(evidence.count);
    const double freedom = static_cast<double>(baselines.good().count) +
                           static_cast<double>(baselines.bad().count) + count - 3;
    const double gap = gap_of(baselines);
    const double all_squares = squares(baselines.good()) + squares(baselines.bad()) +
                               evidence.deviation * evidence.deviation * (count - 1);
    const double spread = std::max(std::sqrt(all_squares / freedom), least_spread * gap);
    const double place = std::clamp(badness(baselines, evidence.mean), 0.0, gap);
    const boost::math::students_t distribution(freedom);
    const auto density = [&](double distance, const MeanInterval& level) {
        const double scale = std::sqrt(1 / count + 1 / static_cast<double>(level.count));
        return boost::math::pdf(distribution, distance / (spread * scale)) / scale;
    };
    const double good = density(place, baselines.good());
    const double bad = density(gap - place, baselines.bad());
    return std::clamp(bad / (good + bad), least_error, 1 - least_error);
}

double chance_of_other_level(const Baselines& baselines, const Evidence& evidence,
                             Verdict verdict) {
    const double bad = chance_of_bad(baselines, evidence);
    return std::clamp(verdict == Verdict::good ? bad : 1 - bad, least_error, 0.5);
}

/// @throws std::domain_error  for no sample, or one that is not finite.
Evidence evidence_of(std::span<const double> samples) {
    return {samples.size(), mean(samples), samples.size() < 2 ? 0 : sample_deviation(samples)};
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

std::string levels(const Baselines& baselines) {
    return "good " + to_string(baselines.good()) + ", bad " + to_string(baselines.bad());
}

Classified decided(const Baselines& baselines, const Evidence& evidence, Verdict verdict,
                   const std::string& measured) {
    return Classified{verdict, chance_of_other_level(baselines, evidence, verdict),
                      measured + " against " + levels(baselines)};
}

Classified unclear(const Baselines& baselines, const std::string& why,
                   const MeanInterval& measured) {
    return Classified{Verdict::skip, 0,
                      why + ": " + to_string(measured) + " against " + levels(baselines)};
}

/// Which of the ends an interval fits; beyond an end is at it.
struct Fit {
    bool good = false;
    bool bad = false;
};

Fit fit_of(const Baselines& baselines, const MeanInterval& measured) {
    const double place = badness(baselines, measured.mean);
    return {overlap(measured, baselines.good()) || place <= 0,
            overlap(measured, baselines.bad()) || place >= gap_of(baselines)};
}

Classified classify_by_interval(const Baselines& baselines, std::span<const double> samples) {
    const auto measured = mean_interval(samples);
    const Evidence evidence{measured.count, measured.mean, measured.deviation};
    const auto fit = fit_of(baselines, measured);
    if (fit.good && fit.bad) {
        return unclear(baselines, "fits both ends", measured);
    }
    if (fit.good || fit.bad) {
        return decided(baselines, evidence, fit.good ? Verdict::good : Verdict::bad,
                       to_string(measured));
    }
    if (const auto side = nearer_side(baselines, measured.mean)) {
        return decided(baselines, evidence, *side, to_string(measured));
    }
    return unclear(baselines, "fits neither end", measured);
}

/// What the first sample says, or how many more are wanted; nothing once there are enough.
std::optional<Classification> by_few(const Baselines& baselines, std::span<const double> samples) {
    if (samples.empty()) {
        return MoreSamples{1};
    }
    if (samples.size() == 1) {
        const double value = mean(samples);
        if (const auto side = nearer_side(baselines, value)) {
            return decided(baselines, {1, value, 0}, *side, number(value));
        }
    }
    if (samples.size() < most_samples) {
        return MoreSamples{most_samples - samples.size()};
    }
    return std::nullopt;
}

} // namespace

Expected<Baselines, std::string>
Baselines::create(std::span<const double> good, std::span<const double> bad, Direction direction) {
    const Baselines baselines(mean_interval(good), mean_interval(bad));
    if (overlap(baselines.good_, baselines.bad_)) {
        return Unexpected{"the ends do not differ: " + levels(baselines) +
                          " (their 95 % intervals must be apart)"};
    }
    const bool falls = baselines.bad_.mean < baselines.good_.mean;
    if (falls != (direction == Direction::higher_is_better)) {
        return Unexpected{"the ends do not differ in the bad direction, the bad end is better: " +
                          levels(baselines) + " (" + to_string(direction) + ")"};
    }
    return baselines;
}

double Baselines::single_sample_error() const {
    if (gap_of(*this) < margin_of(*this)) {
        return 1;
    }
    const double good = chance_of_other_level(*this, {1, good_.mean, 0}, Verdict::good);
    const double bad = chance_of_other_level(*this, {1, bad_.mean, 0}, Verdict::bad);
    return std::max(good, bad);
}

Classification classify(const Baselines& baselines, std::span<const double> samples) {
    if (auto early = by_few(baselines, samples)) {
        return *std::move(early);
    }
    return classify_by_interval(baselines, samples);
}

Classification classify_as_fastpath(const Baselines& baselines, std::span<const double> samples) {
    if (auto early = by_few(baselines, samples)) {
        return *std::move(early);
    }
    const auto measured = mean_interval(samples);
    const auto fit = fit_of(baselines, measured);
    if (fit.good && fit.bad) {
        return unclear(baselines, "fits both ends", measured);
    }
    return decided(baselines, {measured.count, measured.mean, measured.deviation},
                   fit.good ? Verdict::good : Verdict::bad, to_string(measured));
}

double chance_bad(const Baselines& baselines, std::span<const double> samples) {
    return chance_of_bad(baselines, evidence_of(samples));
}

Classification classify_by_chance(const Baselines& baselines, std::span<const double> samples,
                                  double confidence) {
    if (samples.empty()) {
        return MoreSamples{1};
    }
    const auto evidence = evidence_of(samples);
    const double bad = chance_of_bad(baselines, evidence);
    const auto measured =
        samples.size() < 2 ? number(evidence.mean) : to_string(mean_interval(samples));
    if (std::max(bad, 1 - bad) >= confidence) {
        return decided(baselines, evidence, bad > 0.5 ? Verdict::bad : Verdict::good, measured);
    }
    if (samples.size() < most_samples) {
        return MoreSamples{1};
    }
    return Classified{Verdict::skip, 0,
                      "may be either: " + measured + " against " + levels(baselines)};
}

} // namespace lab::core
