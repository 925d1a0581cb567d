// SPDX-License-Identifier: Apache-2.0
#include "core/classification.h"

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

double chance_of_other_level(const Baselines& baselines, const Evidence& evidence,
                             Verdict verdict) {
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
    const double other = verdict == Verdict::good ? bad : good;
    return std::clamp(other / (good + bad), least_error, 0.5);
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

Classified classify_by_interval(const Baselines& baselines, std::span<const double> samples) {
    const auto measured = mean_interval(samples);
    const Evidence evidence{measured.count, measured.mean, measured.deviation};
    const double place = badness(baselines, measured.mean);
    const bool fits_good = overlap(measured, baselines.good()) || place <= 0;
    const bool fits_bad = overlap(measured, baselines.bad()) || place >= gap_of(baselines);
    if (fits_good && fits_bad) {
        return unclear(baselines, "fits both ends", measured);
    }
    if (fits_good || fits_bad) {
        return decided(baselines, evidence, fits_good ? Verdict::good : Verdict::bad,
                       to_string(measured));
    }
    if (const auto side = nearer_side(baselines, measured.mean)) {
        return decided(baselines, evidence, *side, to_string(measured));
    }
    return unclear(baselines, "fits neither end", measured);
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
    return classify_by_interval(baselines, samples);
}

} // namespace lab::core
