// SPDX-License-Identifier: Apache-2.0
#include "core/channel.h"
#include "core/level_model.h"

#include <boost/math/special_functions/beta.hpp>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

namespace lab::core::test {
namespace {

LevelTable runs(const LevelModel& model, double passes, double fails) {
    auto table = model.nothing();
    model.add_runs(table, passes, fails);
    return table;
}

double log_beta(double a, double b) {
    return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

TEST(LevelModel, RefusesRatesAndLevelsThatCannotBe) {
    EXPECT_THROW(static_cast<void>(LevelModel::known_rates(0.5, 0.5)), std::domain_error);
    EXPECT_THROW(static_cast<void>(LevelModel::known_rates(-0.1, 0)), std::domain_error);
    EXPECT_THROW(static_cast<void>(LevelModel::known_levels(1, 1, 1)), std::domain_error);
    EXPECT_THROW(static_cast<void>(LevelModel::known_levels(0, 1, 0)), std::domain_error);
    EXPECT_THROW(static_cast<void>(LevelModel::learned_levels({{1}, {2, 3}, {}})),
                 std::domain_error);
}

TEST(LevelModel, MultipliesKnownChances) {
    const auto model = LevelModel::known_rates(0.1, 0.2);

    const auto both = model.two_levels(runs(model, 3, 1), runs(model, 2, 5));

    EXPECT_NEAR(both.log_evidence,
                3 * std::log(0.9) + std::log(0.1) + 2 * std::log(0.2) + 5 * std::log(0.8), 1e-12);
    EXPECT_NEAR(both.expected.good, 0.1, 1e-12);
    EXPECT_NEAR(both.expected.bad, 0.8, 1e-12);
}

/// One level under Jeffreys' prior is B(fails + 1/2, passes + 1/2) / B(1/2, 1/2).
TEST(LevelModel, IntegratesARateExactly) {
    const auto model = LevelModel::learned_rates();
    for (const double passes : {0.0, 1.0, 7.0, 40.0, 90.0}) {
        for (const double fails : {0.0, 2.0, 5.0}) {
            const auto table = runs(model, passes, fails);

            const double expected = log_beta(fails + 0.5, passes + 0.5) - log_beta(0.5, 0.5);
            EXPECT_NEAR(model.one_level(table), expected, 1e-9);
            EXPECT_NEAR(model.expected_level(table), (fails + 0.5) / (passes + fails + 1), 1e-9);
        }
    }
}

/// P(good rate + 0.05 <= bad rate) by a fine sum over the good one.
double chance_of_order(double good_fails, double good_passes, double bad_fails, double bad_passes) {
    double sum = 0;
    constexpr int steps = 4000;
    for (int i = 0; i < steps; ++i) {
        const double angle = std::numbers::pi / 2 * (i + 0.5) / steps;
        const double rate = std::pow(std::sin(angle), 2);
        const double density =
            std::exp(good_fails * std::log(rate) + good_passes * std::log1p(-rate) -
                     log_beta(good_fails + 0.5, good_passes + 0.5));
        if (rate + least_rate_gap < 1) {
            sum += std::numbers::pi / steps * density *
                   boost::math::ibetac(bad_fails + 0.5, bad_passes + 0.5, rate + least_rate_gap);
        }
    }
    return sum;
}

TEST(LevelModel, CutsThePriorToBadAboveGood) {
    const auto model = LevelModel::learned_rates();
    const double none = chance_of_order(0, 0, 0, 0);
    for (const double fails : {0.0, 1.0, 4.0}) {
        const auto both = model.two_levels(runs(model, 6, fails), runs(model, 2, 3));

        const double expected = log_beta(fails + 0.5, 6.5) + log_beta(3.5, 2.5) -
                                2 * log_beta(0.5, 0.5) +
                                std::log(chance_of_order(fails, 6, 3, 2) / none);
        EXPECT_NEAR(both.log_evidence, expected, 0.05); // the cut runs between nodes
    }
}

/// P(both neighbours lie 0.05 or more from the centre) by a fine sum over the centre, whose
/// outcomes are given like theirs: {fails, passes}.
double chance_of_steps(const std::array<double, 2>& centre, const std::array<double, 2>& one,
                       const std::array<double, 2>& other) {
    const auto far_off = [](const std::array<double, 2>& runs, double rate) {
        const double a = runs[0] + 0.5;
        const double b = runs[1] + 0.5;
        const double below = std::max(rate - least_rate_gap, 0.0);
        const double above = std::min(rate + least_rate_gap, 1.0);
        return boost::math::ibeta(a, b, below) + boost::math::ibetac(a, b, above);
    };
    double sum = 0;
    constexpr int steps = 4000;
    for (int i = 0; i < steps; ++i) {
        const double angle = std::numbers::pi / 2 * (i + 0.5) / steps;
        const double rate = std::pow(std::sin(angle), 2);
        const double density = std::exp(centre[0] * std::log(rate) + centre[1] * std::log1p(-rate) -
                                        log_beta(centre[0] + 0.5, centre[1] + 0.5));
        sum += std::numbers::pi / steps * density * far_off(one, rate) * far_off(other, rate);
    }
    return sum;
}

TEST(LevelModel, WantsAStepAtEitherSideOfTheCentre) {
    const auto model = LevelModel::learned_rates();
    const double none = chance_of_steps({0, 0}, {0, 0}, {0, 0});
    for (const double passes : {0.0, 1.0, 4.0, 20.0}) {
        LevelGroups groups{runs(model, passes, 1), runs(model, 12, 0), runs(model, 2, 9)};
        const double steps = log_beta(1.5, passes + 0.5) + log_beta(0.5, 12.5) +
                             log_beta(9.5, 2.5) - 3 * log_beta(0.5, 0.5) +
                             std::log(chance_of_steps({1, passes}, {0, 12}, {9, 2}) / none);

        EXPECT_NEAR(model.steps_around(groups), steps, 0.15) << passes; // the cut, as above
        groups.apart = runs(model, 1, 1);
        EXPECT_NEAR(model.steps_around(groups), steps + log_beta(1.5, 1.5) - log_beta(0.5, 0.5),
                    0.15);
    }
}

TEST(LevelModel, FindsNoStepWithinOneLevel) {
    const auto model = LevelModel::learned_rates();
    const auto alike = runs(model, 200, 0);

    const auto step = model.steps_around({alike, alike, runs(model, 0, 200)});

    EXPECT_LT(step, model.two_levels(runs(model, 400, 0), runs(model, 0, 200)).log_evidence - 8);
}

TEST(LevelModel, LearnsTheLevelsOfAMetric) {
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, 2);
    LevelSamples samples;
    for (int i = 0; i < 40; ++i) {
        samples.good.push_back(100 + noise(random));
        samples.bad.push_back(104 + noise(random));
    }

    const auto model = LevelModel::learned_levels(samples);
    auto good = model.nothing();
    auto bad = model.nothing();
    for (std::size_t i = 0; i < samples.good.size(); ++i) {
        model.add_sample(good, samples.good[i]);
        model.add_sample(bad, samples.bad[i]);
    }
    const auto both = model.two_levels(good, bad);

    EXPECT_NEAR(both.expected.good, 100, 0.7);
    EXPECT_NEAR(both.expected.bad, 104, 0.7);
    EXPECT_NEAR(both.expected.spread, 2, 0.3);
    EXPECT_GT(both.log_evidence, model.two_levels(bad, good).log_evidence + 20);
}

TEST(LevelModel, LearnsNothingFromAnOutlier) {
    const LevelSamples samples{{100, 101, 99, 100.5}, {110, 111, 109, 110.2}, {}};
    const auto model = LevelModel::learned_levels(samples);
    const auto odds = [&](double value) {
        auto good = model.nothing();
        auto bad = model.nothing();
        for (std::size_t i = 0; i < samples.good.size(); ++i) {
            model.add_sample(good, samples.good[i]);
            model.add_sample(bad, samples.bad[i]);
        }
        auto good_with = good;
        auto bad_with = bad;
        model.add_sample(good_with, value);
        model.add_sample(bad_with, value);
        return model.two_levels(good, bad_with).log_evidence -
               model.two_levels(good_with, bad).log_evidence;
    };

    EXPECT_GT(odds(110), 3);
    EXPECT_NEAR(odds(200), 0, 0.1);
    EXPECT_NEAR(odds(-1e6), 0, 0.1);
}

TEST(LevelModel, TakesSamplesThatNeverVary) {
    const auto model = LevelModel::learned_levels({{5, 5, 5}, {6, 6, 6}, {{5}, {6, 6}}});
    auto good = model.nothing();
    auto bad = model.nothing();
    model.add_sample(good, 5);
    model.add_sample(bad, 6);

    EXPECT_TRUE(std::isfinite(model.two_levels(good, bad).log_evidence));
    EXPECT_NO_THROW(static_cast<void>(LevelModel::learned_levels({{0, 0}, {0, 0}, {}})));
}

TEST(Channel, TellsABitOfACertainTestAndLessOfOthers) {
    const auto certain = Channel::of_rates({0, 1, 0});
    const auto flaky = Channel::of_rates({0.1, 0.9, 0});
    const auto metric = Channel::of_metric({0, 1, 1});

    EXPECT_NEAR(certain.information(0.5), 1, 1e-3);
    EXPECT_EQ(certain.information(0), 0);
    EXPECT_NEAR(flaky.capacity(), 1 + 0.1 * std::log2(0.1) + 0.9 * std::log2(0.9), 1e-6);
    EXPECT_NEAR(flaky.divergence(), 0.8 * std::log2(9), 1e-9);
    EXPECT_NEAR(metric.capacity(), 0.161, 0.006); // binary-input Gaussian channel, a little less
    EXPECT_NEAR(metric.divergence(), 1 / (2 * std::log(2)), 0.05);
}

} // namespace
} // namespace lab::core::test
