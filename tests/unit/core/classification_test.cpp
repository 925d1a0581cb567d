// SPDX-License-Identifier: Apache-2.0
#include "core/classification.h"

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

TEST(Baselines, RefusesEndsThatDoNotDiffer) {
    const auto same =
        Baselines::create(Values{100, 104}, Values{101, 103}, Direction::higher_is_better);
    const auto better = Baselines::create(Values{100, 101, 102}, Values{150, 151, 152},
                                          Direction::higher_is_better);

    ASSERT_FALSE(same);
    EXPECT_EQ(same.error(),
              "the ends do not differ: good 102 +- 25.41 (95 %, 2 samples), bad 102 +- "
              "12.71 (95 %, 2 samples) (their 95 % intervals must be apart)");
    ASSERT_FALSE(better);
    EXPECT_NE(better.error().find("the bad end is better"), std::string::npos);
    EXPECT_TRUE(
        Baselines::create(Values{100, 101, 102}, Values{150, 151, 152}, Direction::lower_is_better)
            .has_value());
}

TEST(Classify, DecidesAClearSampleAtOnce) {
    const auto baselines = levels({99, 100, 101}, {49, 50, 51});

    EXPECT_EQ(verdict_of(classify(baselines, Values{98})), Verdict::good);
    EXPECT_EQ(verdict_of(classify(baselines, Values{130})), Verdict::good);
    EXPECT_EQ(verdict_of(classify(baselines, Values{53})), Verdict::bad);
    EXPECT_EQ(verdict_of(classify(baselines, Values{3})), Verdict::bad);
}

TEST(Classify, AsksForFourMoreWhenTheLeadIsBelowTheMargin) {
    const auto baselines = levels({99, 100, 101}, {49, 50, 51});
    const double margin = 1.5 * baselines.good().half_width;
    const double edge = 75 + margin / 2;

    EXPECT_EQ(more_of(classify(baselines, Values{})), 1U);
    EXPECT_EQ(more_of(classify(baselines, Values{edge - 0.01})), 4U);
    EXPECT_EQ(more_of(classify(baselines, Values{75})), 4U);
    EXPECT_EQ(verdict_of(classify(baselines, Values{edge + 0.01})), Verdict::good);
    EXPECT_EQ(more_of(classify(baselines, Values{75, 80, 70})), 2U);
}

TEST(Classify, ComparesIntervalsOnceThereAreFive) {
    const auto baselines = levels({98, 100, 102}, {78, 80, 82});

    EXPECT_EQ(verdict_of(classify(baselines, Values{91, 99, 98, 101, 97})), Verdict::good);
    EXPECT_EQ(verdict_of(classify(baselines, Values{89, 82, 80, 78, 81})), Verdict::bad);
    EXPECT_EQ(verdict_of(classify(baselines, Values{90, 70, 110, 95, 85})), Verdict::skip);
    EXPECT_EQ(verdict_of(classify(baselines, Values{90, 90.1, 89.9, 90, 90})), Verdict::skip);
    EXPECT_EQ(verdict_of(classify(baselines, Values{90, 140, 141, 142, 143})), Verdict::good);
}

TEST(Classify, SaysWhichKindOfUnclearItWas) {
    const auto baselines = levels({98, 100, 102}, {78, 80, 82});

    const auto both = classify(baselines, Values{90, 70, 110, 95, 85});
    const auto neither = classify(baselines, Values{90, 90.1, 89.9, 90, 90});

    EXPECT_TRUE(std::get<Classified>(both).reason.starts_with("fits both ends: 90 +- "));
    EXPECT_TRUE(std::get<Classified>(neither).reason.starts_with("fits neither end: 90 +- "));
    EXPECT_EQ(error_of(both), 0);
}

TEST(Classify, TurnsRoundWithTheDirection) {
    const auto falling = levels({99, 100, 101}, {49, 50, 51});
    const auto rising = levels({-99, -100, -101}, {-49, -50, -51}, Direction::lower_is_better);
    for (double x = 20; x < 140; x += 1.3) {
        const auto a = classify(falling, Values{x});
        const auto b = classify(rising, Values{-x});

        ASSERT_EQ(verdict_of(a), verdict_of(b)) << x;
        if (verdict_of(a)) {
            EXPECT_NEAR(error_of(a), error_of(b), 1e-12);
        }
    }
}

TEST(Classify, IsSurerWithWiderGapsAndMoreSamples) {
    const auto narrow = levels({99, 100, 101}, {89, 90, 91});
    const auto wide = levels({99, 100, 101}, {49, 50, 51});
    const auto known = levels({99, 100, 101, 100, 100.5}, {89, 90, 91, 90, 89.5});

    EXPECT_LT(error_of(classify(wide, Values{100})), error_of(classify(narrow, Values{100})));
    EXPECT_LT(error_of(classify(known, Values{100})), error_of(classify(narrow, Values{100})));
    EXPECT_LT(error_of(classify(narrow, Values{100})), error_of(classify(narrow, Values{97})));
    EXPECT_EQ(error_of(classify(wide, Values{100})), error_of(classify(wide, Values{200})));
}

TEST(Classify, NeverClaimsCertainty) {
    const auto exact = levels({100, 100}, {50, 50});

    EXPECT_EQ(error_of(classify(exact, Values{100})), least_error);
    EXPECT_EQ(verdict_of(classify(exact, Values{76})), Verdict::good);
    EXPECT_EQ(more_of(classify(exact, Values{75})), 4U);
    EXPECT_EQ(verdict_of(classify(exact, Values{75, 75, 75, 75, 75})), Verdict::skip);
}

/// The error stated must be what is seen: with samples drawn from the model's own assumptions the
/// share of wrong verdicts is near the mean of the stated errors.
TEST(Classify, StatesErrorsThatComeTrue) {
    std::mt19937 random(21);
    std::normal_distribution<double> normal(0, 1);
    const auto draw = [&](double level, std::size_t count) {
        Values values(count);
        for (auto& value : values) {
            value = level + normal(random);
        }
        return values;
    };
    int verdicts = 0;
    int wrong = 0;
    double stated = 0;
    for (int round = 0; round < 6000; ++round) {
        const auto baselines =
            Baselines::create(draw(0, 4), draw(-5, 4), Direction::higher_is_better);
        if (!baselines) {
            continue;
        }
        const bool is_good = round % 2 == 0;
        const auto samples = draw(is_good ? 0 : -5, 5);
        auto classification = classify(*baselines, Values{samples[0]});
        if (!verdict_of(classification)) {
            classification = classify(*baselines, samples);
        }
        if (verdict_of(classification) == Verdict::skip) {
            continue;
        }
        ++verdicts;
        wrong += verdict_of(classification) != (is_good ? Verdict::good : Verdict::bad) ? 1 : 0;
        stated += error_of(classification);
    }
    const double share = static_cast<double>(wrong) / verdicts;
    RecordProperty("wrong", std::to_string(share));
    RecordProperty("stated", std::to_string(stated / verdicts));

    EXPECT_GT(verdicts, 4000);
    EXPECT_LE(share, stated / verdicts + 0.005);
    EXPECT_LE(stated / verdicts, 0.05);
}

TEST(Baselines, SayHowGoodASingleSampleIs) {
    const auto sharp = levels({100, 100.1}, {50, 50.1});
    const auto blunt = levels({90, 100, 110}, {48, 49, 50});

    EXPECT_LT(sharp.single_sample_error(), 1e-4);
    EXPECT_GT(blunt.single_sample_error(), 1e-3);
}

} // namespace
} // namespace lab::core
