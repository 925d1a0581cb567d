// SPDX-License-Identifier: Apache-2.0
#include "core/bayes_search.h"
#include "git_history.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace lab::core::test {
namespace {

using Test = std::function<Outcome(const CommitId&)>;

CommitGraph line(std::size_t commits) {
    std::vector<PlannedCommit> plan(commits + 1);
    for (std::size_t i = 1; i < plan.size(); ++i) {
        plan[i].parents = {i - 1};
    }
    return range_of(plan);
}

BayesSearch search_of(const CommitGraph& range, const BayesPolicy& policy = {}) {
    return value_or_throw(BayesSearch::create(range, planned_id(0), policy));
}

BayesConclusion drive(BayesSearch& search, const Test& test, const ProbeCosts& costs = {}) {
    while (!search.conclusion()) {
        const auto wishes = search.next(1, costs);
        if (wishes.empty()) {
            ADD_FAILURE() << "neither a conclusion nor a wish after " << search.samples();
            return {};
        }
        search.record(wishes.front().commit, test(wishes.front().commit));
    }
    return *search.conclusion();
}

bool holds(const CommitGraph& range, const CommitId& commit, const CommitId& culprit) {
    return range.contains(commit) &&
           ancestors_of(range, range.index_of(commit))[range.index_of(culprit)] != 0;
}

Outcome passed_or_failed(bool failed) {
    return failed ? Outcome(Failed{}) : Outcome(Passed{});
}

TEST(BayesSearch, RefusesWhatIsNoRange) {
    BayesPolicy policy;
    policy.confidence = 1;
    policy.no_culprit = 2;

    EXPECT_FALSE(BayesSearch::create(CommitGraph(), planned_id(0), {}));
    EXPECT_FALSE(BayesSearch::create(line(3), planned_id(2), {}));
    EXPECT_EQ(BayesSearch::create(line(3), planned_id(0), policy).error().size(), 2U);
    EXPECT_FALSE(BayesSearch::create(CommitGraph({{planned_id(2), {}}, {planned_id(1), {}}}),
                                     planned_id(0), {}));
}

TEST(BayesSearch, RefusesOutcomesOfTheWrongSort) {
    auto search = search_of(line(3));

    EXPECT_THROW(search.record(planned_id(1), Sampled{1}), Error);
    EXPECT_THROW(search.record(planned_id(9), Passed{}), Error);

    BayesPolicy metric;
    metric.metric = Direction::lower_is_better;
    auto other = search_of(line(3), metric);
    EXPECT_THROW(other.record(planned_id(1), Failed{}), Error);
    EXPECT_THROW(other.record(planned_id(1), Sampled{std::nan("")}), Error);
}

/// The posterior of a random history after random runs, by Bayes' rule written out.
TEST(BayesSearch, HasThePosteriorOfBayesRule) {
    for (std::uint32_t seed = 1; seed <= property_histories(60); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto range =
            range_of(plan_history({.seed = seed, .commits = 4 + seed % 30, .merge_share = 0.2}));
        BayesPolicy policy;
        policy.rates = KnownRates{0.1, 0.3};
        auto search = search_of(range, policy);
        std::mt19937 random(seed);
        std::vector<double> expected(range.size(), 1);
        for (int run = 0; run < 12; ++run) {
            const auto commit = static_cast<CommitIndex>(random() % range.size());
            const bool failed = random() % 2 == 0;
            search.record(range.nodes()[commit].id, passed_or_failed(failed));
            const auto behind = ancestors_of(range, commit);
            for (std::size_t x = 0; x < range.size(); ++x) {
                const double fails = behind[x] != 0 ? 0.7 : 0.1;
                expected[x] *= failed ? fails : 1 - fails;
            }
        }
        double sum = 0;
        for (const double one : expected) {
            sum += one;
        }

        const auto posterior = search.posterior(range.size());

        ASSERT_EQ(posterior.size(), range.size());
        for (const auto& suspect : posterior) {
            ASSERT_NEAR(suspect.probability, expected[range.index_of(suspect.commit)] / sum, 1e-9);
        }
    }
}

TEST(BayesSearch, FindsEveryCulpritOfRandomHistories) {
    for (std::uint32_t seed = 1; seed <= property_histories(12); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto range =
            range_of(plan_history({.seed = seed, .commits = 4 + seed % 20, .merge_share = 0.2}));
        for (const auto& culprit : range.nodes()) {
            auto search = search_of(range);

            const auto conclusion = drive(search, [&](const CommitId& commit) {
                return passed_or_failed(holds(range, commit, culprit.id));
            });

            ASSERT_EQ(conclusion.kind, ConclusionKind::found) << conclusion.text;
            ASSERT_EQ(conclusion.suspects.front().commit, culprit.id);
            ASSERT_GE(conclusion.probability, 0.99);
        }
    }
}

TEST(BayesSearch, EndsInTheSkippedStretchThatHoldsTheCulprit) {
    const auto range = line(64);
    auto search = search_of(range);

    const auto conclusion = drive(search, [&](const CommitId& commit) -> Outcome {
        for (std::size_t i = 20; i < 26; ++i) {
            if (commit == planned_id(i)) {
                return Skipped{};
            }
        }
        return passed_or_failed(holds(range, commit, planned_id(23)));
    });

    EXPECT_EQ(conclusion.kind, ConclusionKind::found_with_skips);
    ASSERT_EQ(conclusion.suspects.size(), 7U); // 20 to 25, and 26 that may be it as well
    double sum = 0;
    for (const auto& suspect : conclusion.suspects) {
        sum += suspect.probability;
    }
    EXPECT_GE(sum, 0.99);
    EXPECT_NEAR(conclusion.probability, sum, 0.01); // less the chance of two culprits
}

TEST(BayesSearch, SaysThatARegressionDoesNotReproduce) {
    BayesPolicy metric;
    metric.metric = Direction::higher_is_better;
    auto passing = search_of(line(100));
    auto level = search_of(line(100), metric);
    std::mt19937 random(3);
    std::normal_distribution<double> noise(500, 1);

    const auto of_runs = drive(passing, [](const CommitId&) { return Passed{}; });
    const auto of_samples = drive(level, [&](const CommitId&) { return Sampled{noise(random)}; });

    EXPECT_EQ(of_runs.kind, ConclusionKind::no_culprit);
    EXPECT_NE(of_runs.text.find("does not reproduce"), std::string::npos);
    EXPECT_NE(of_samples.kind, ConclusionKind::found);
    EXPECT_NE(of_samples.text.find("good end "), std::string::npos);
}

TEST(BayesSearch, SaysSoonThatTheGoodEndIsNotGood) {
    auto search = search_of(line(100));

    const auto conclusion = drive(search, [](const CommitId&) { return Failed{}; });

    EXPECT_EQ(conclusion.kind, ConclusionKind::no_culprit);
    EXPECT_NE(conclusion.text.find("the good end is not good: good end failed 7 of 7 runs"),
              std::string::npos)
        << conclusion.text;
    EXPECT_GE(conclusion.probability, 0.99);
    EXPECT_LE(search.samples(), 14U);
}

TEST(BayesSearch, IsNotMisledByOneOutlier) {
    const auto range = line(200);
    BayesPolicy policy;
    policy.metric = Direction::higher_is_better;
    for (std::uint32_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        auto search = search_of(range, policy);
        std::mt19937 random(seed);
        std::normal_distribution<double> noise(0, 1);
        int samples = 0;

        const auto conclusion = drive(search, [&](const CommitId& commit) -> Outcome {
            ++samples;
            const bool is_bad = holds(range, commit, planned_id(77));
            const bool wrong = samples == 13; // as if from the other level
            return Sampled{(is_bad != wrong ? 80 : 100) + noise(random)};
        });

        EXPECT_EQ(conclusion.kind, ConclusionKind::found);
        EXPECT_EQ(conclusion.suspects.front().commit, planned_id(77));
    }
}

TEST(BayesSearch, HalvesTheRangeHoweverLargeTheStepIs) {
    const auto range = line(64);
    for (const double gap : {5.0, 50.0, 2222.0, 1e9}) {
        BayesPolicy policy;
        policy.metric = Direction::lower_is_better;
        auto search = search_of(range, policy);
        std::mt19937 random(7);
        std::normal_distribution<double> noise(0, 0.1);
        const auto test = [&](const CommitId& commit) {
            return Sampled{noise(random) + (holds(range, commit, planned_id(41)) ? gap : 0)};
        };

        const auto conclusion = drive(search, test);

        ASSERT_EQ(conclusion.kind, ConclusionKind::found) << gap;
        EXPECT_EQ(conclusion.suspects.front().commit, planned_id(41)) << gap;
        // Both ends five times, log2(64) commits, and those that decide alone once more.
        EXPECT_LE(search.samples(), 22U) << gap;
    }
}

TEST(BayesSearch, NoticesASecondRegression) {
    const auto range = line(300);
    BayesPolicy policy;
    policy.metric = Direction::lower_is_better;
    std::mt19937 random(5);
    std::normal_distribution<double> noise(0, 1);
    const auto test = [&](const CommitId& commit) -> Outcome {
        const int levels = (holds(range, commit, planned_id(100)) ? 1 : 0) +
                           (holds(range, commit, planned_id(200)) ? 1 : 0);
        return Sampled{10 + 8.0 * levels + noise(random)};
    };
    const auto conclude = [&](Wanted wanted) {
        policy.wanted = wanted;
        auto search = search_of(range, policy);
        return drive(search, test);
    };

    const auto first = conclude(Wanted::first);
    const auto all = conclude(Wanted::all);

    EXPECT_EQ(first.kind, ConclusionKind::several_culprits);
    ASSERT_EQ(first.suspects.size(), 1U);
    EXPECT_EQ(first.suspects.front().commit, planned_id(100));
    ASSERT_EQ(all.suspects.size(), 2U);
    EXPECT_EQ(all.suspects.back().commit, planned_id(200));
    EXPECT_NE(all.text.find("more than one regression"), std::string::npos);
}

TEST(BayesSearch, SharesOutcomesAmongEqualArtefacts) {
    const auto range = line(40);
    auto search = search_of(range);
    search.same_artefact(planned_id(10), planned_id(30));
    search.same_artefact(planned_id(0), planned_id(5));

    const auto posterior = search.posterior(100);

    EXPECT_EQ(posterior.size(), 15U); // 6 to 10 and 31 to 40
    for (const auto& suspect : posterior) {
        const auto age = 40 - range.index_of(suspect.commit);
        EXPECT_TRUE((age > 5 && age <= 10) || age > 30) << age;
    }
    search.same_artefact(planned_id(0), planned_id(40));
    EXPECT_EQ(search.conclusion().value().kind, ConclusionKind::no_culprit);
}

TEST(BayesSearch, ChoosesQuantilesForWorkersAndAvoidsWhatIsUnderWay) {
    BayesPolicy policy;
    policy.rates = KnownRates{0, 0};
    const auto search = search_of(line(400), policy);

    const auto three = search.next(3);
    const auto other = search.next(1, {}, {planned_id(200)});

    ASSERT_EQ(three.size(), 3U);
    std::vector<double> places;
    for (const auto& wish : three) {
        places.push_back(400 - static_cast<double>(search.range().index_of(wish.commit)));
    }
    std::sort(places.begin(), places.end());
    EXPECT_NEAR(places[0], 100, 12);
    EXPECT_NEAR(places[1], 200, 12);
    EXPECT_NEAR(places[2], 300, 12);
    ASSERT_EQ(other.size(), 1U);
    EXPECT_NE(other.front().commit, planned_id(200));
}

TEST(BayesSearch, TestsBuiltCommitsAgainWhenBuildsAreDear) {
    const auto range = line(1000);
    BayesPolicy policy;
    policy.rates = KnownRates{0, 0.7};
    const auto builds = [&](double price) {
        std::mt19937 random(9);
        std::set<CommitId> built;
        ProbeCosts costs;
        costs.build = [&](const CommitId& commit) {
            return built.contains(commit) ? 0 : price;
        };
        auto search = search_of(range, policy);
        drive(
            search,
            [&](const CommitId& commit) {
                built.insert(commit);
                return passed_or_failed(holds(range, commit, planned_id(612)) && random() % 10 < 3);
            },
            costs);
        return built.size();
    };

    EXPECT_LT(builds(20), 16U);
    EXPECT_GT(builds(0), 20U);
}

TEST(BayesSearch, BuildsTwoCommitsAtOnceRatherThanWaitingForOneTwice) {
    auto search = search_of(line(64));
    for (int run = 0; run < 3; ++run) {
        search.record(planned_id(0), Passed{});
        search.record(planned_id(64), Failed{});
    }
    ProbeCosts costs;
    costs.build = [](const CommitId& commit) {
        return commit == planned_id(64) ? 0 : 20;
    };

    const auto wishes = search.next(2, costs);

    ASSERT_EQ(wishes.size(), 2U);
    EXPECT_EQ(wishes[0].samples, 1U);
    EXPECT_EQ(wishes[1].samples, 1U);
}

TEST(BayesSearch, ReplayGivesTheSameAnswers) {
    const auto range = range_of(plan_history({.seed = 4, .commits = 60, .merge_share = 0.2}));
    BayesPolicy policy;
    policy.metric = Direction::lower_is_better;
    auto search = search_of(range, policy);
    auto blind = search_of(range, policy); // is asked nothing on the way
    std::mt19937 random(6);
    std::normal_distribution<double> noise(0, 1);

    while (!search.conclusion()) {
        const auto commit = search.next(1).at(0).commit;
        const auto value = noise(random) + (holds(range, commit, range.nodes()[20].id) ? 3 : 0);
        search.record(commit, Sampled{value});
        blind.record(commit, Sampled{value});
        if (search.samples() % 7 == 0) {
            ASSERT_EQ(search.next(2), blind.next(2));
        }
    }

    ASSERT_TRUE(blind.conclusion());
    EXPECT_EQ(blind.conclusion()->text, search.conclusion()->text);
    EXPECT_EQ(blind.conclusion()->probability, search.conclusion()->probability);
}

} // namespace
} // namespace lab::core::test
