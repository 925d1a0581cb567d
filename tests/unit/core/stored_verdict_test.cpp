// SPDX-License-Identifier: Apache-2.0
#include "core/stored_verdict.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace lab::core {
namespace {

using Values = std::vector<double>;

Baselines levels(const Values& good, const Values& bad,
                 Direction direction = Direction::higher_is_better) {
    const auto baselines = Baselines::create(good, bad, direction);
    EXPECT_TRUE(baselines.has_value());
    return *baselines;
}

std::optional<Verdict> verdict_of(const Classification& classification) {
    const auto* classified = std::get_if<Classified>(&classification);
    return classified == nullptr ? std::nullopt : std::optional(classified->verdict);
}

std::size_t more_of(const Classification& classification) {
    const auto* more = std::get_if<MoreSamples>(&classification);
    return more == nullptr ? 0 : more->count;
}

double error_of(const Classification& classification) {
    return std::get<Classified>(classification).error;
}

/// The tables of a published comparison: 221.00 +- 2.42 % and 233.00 +- 1.25 %.
Baselines published() {
    return levels({231, 232, 234, 235}, {217, 220, 222, 225});
}

TEST(ClassifyAsFastpath, DecidesPublishedLevelsByOneSampleOrAsksForFourMore) {
    // Half widths 2.91 and 5.36, so the lead must be 8.04 of a gap of 12: 1.98 from a level.
    EXPECT_EQ(more_of(classify_as_fastpath(published(), Values{})), 1U);
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{231.02})), Verdict::good);
    EXPECT_EQ(more_of(classify_as_fastpath(published(), Values{231.0})), 4U);
    EXPECT_EQ(more_of(classify_as_fastpath(published(), Values{223.0})), 4U);
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{222.98})), Verdict::bad);
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{250})), Verdict::good);
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{180})), Verdict::bad);
}

TEST(ClassifyAsFastpath, ComparesFiveSamplesWithBothBaselines) {
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{230, 232, 233, 231, 234})),
              Verdict::good);
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{224, 221, 222, 220, 223})),
              Verdict::bad);
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{228, 220, 236, 224, 232})),
              Verdict::skip);
    EXPECT_EQ(verdict_of(classify_as_fastpath(published(), Values{229, 250, 251, 252, 253})),
              Verdict::good);
}

TEST(ClassifyAsFastpath, CallsALevelBetweenBothARegression) {
    const auto baselines = levels({98, 100, 102}, {78, 80, 82});

    EXPECT_EQ(verdict_of(classify(baselines, Values{90, 90.1, 89.9, 90, 90})), Verdict::skip);
    EXPECT_EQ(verdict_of(classify_as_fastpath(baselines, Values{90, 90.1, 89.9, 90, 90})),
              Verdict::bad);
    EXPECT_EQ(verdict_of(classify_as_fastpath(baselines, Values{90, 70, 110, 95, 85})),
              Verdict::skip);
}

TEST(ClassifyAsFastpath, TouchingIntervalsFit) {
    // Baselines 100 +- 0 and 50 +- 0: an interval that ends exactly at 100 meets good.
    const auto baselines = levels({100, 100}, {50, 50});
    const Values samples{88, 88, 89, 90, 90};
    const auto measured = mean_interval(samples);
    const auto touching = levels({measured.upper(), measured.upper()}, {50, 50});

    EXPECT_EQ(verdict_of(classify_as_fastpath(baselines, samples)), Verdict::bad);
    EXPECT_EQ(verdict_of(classify_as_fastpath(touching, samples)), Verdict::good);
}

TEST(ClassifyAsFastpath, TurnsRoundWithTheDirection) {
    const auto falling = published();
    const auto rising =
        levels({-231, -232, -234, -235}, {-217, -220, -222, -225}, Direction::lower_is_better);
    for (double x = 205; x < 250; x += 0.7) {
        EXPECT_EQ(verdict_of(classify_as_fastpath(falling, Values{x})),
                  verdict_of(classify_as_fastpath(rising, Values{-x})))
            << x;
    }
}

TEST(ChanceBad, IsThePosteriorOfTheBadLevel) {
    EXPECT_LT(chance_bad(published(), Values{233}), 0.05);
    EXPECT_GT(chance_bad(published(), Values{221}), 0.95);
    EXPECT_NEAR(chance_bad(published(), Values{227}), 0.5, 1e-9);
    EXPECT_LT(chance_bad(published(), Values{233, 232, 234}), chance_bad(published(), Values{233}));
    EXPECT_THROW(static_cast<void>(chance_bad(published(), Values{})), std::domain_error);
}

TEST(ClassifyByChance, TakesOneMoreAtATimeUntilItIsSureEnough) {
    EXPECT_EQ(more_of(classify_by_chance(published(), Values{}, 0.99)), 1U);
    EXPECT_EQ(more_of(classify_by_chance(published(), Values{230}, 0.99)), 1U);
    EXPECT_EQ(verdict_of(classify_by_chance(published(), Values{230}, 0.7)), Verdict::good);
    const auto sure = classify_by_chance(published(), Values{233, 232, 234}, 0.99);
    EXPECT_EQ(verdict_of(sure), Verdict::good);
    EXPECT_LE(error_of(sure), 0.01);
    EXPECT_EQ(verdict_of(classify_by_chance(published(), Values{227, 226, 228, 227, 227}, 0.99)),
              Verdict::skip);
}

TEST(ClassifyByChance, StatesWhatComesTrue) {
    std::mt19937 random(8);
    std::normal_distribution<double> normal(0, 1);
    int verdicts = 0;
    int wrong = 0;
    for (int round = 0; round < 4000; ++round) {
        const auto draw = [&](double level) {
            return Values{level + normal(random), level + normal(random), level + normal(random),
                          level + normal(random)};
        };
        const auto baselines = Baselines::create(draw(0), draw(-5), Direction::higher_is_better);
        if (!baselines) {
            continue;
        }
        const bool is_good = round % 2 == 0;
        Values samples;
        Classification classification = MoreSamples{1};
        while (std::holds_alternative<MoreSamples>(classification)) {
            samples.push_back((is_good ? 0 : -5) + normal(random));
            classification = classify_by_chance(*baselines, samples, 0.95);
        }
        if (verdict_of(classification) != Verdict::skip) {
            ++verdicts;
            wrong += verdict_of(classification) != (is_good ? Verdict::good : Verdict::bad) ? 1 : 0;
        }
    }
    const double share = static_cast<double>(wrong) / verdicts;
    RecordProperty("wrong", std::to_string(share));

    EXPECT_GT(verdicts, 2500);
    EXPECT_LE(share, 0.05);
}

} // namespace
} // namespace lab::core
