// SPDX-License-Identifier: Apache-2.0
#include "core/ancestor_sums.h"
#include "core/suspects.h"
#include "git_history.h"

#include <gtest/gtest.h>

#include <random>

namespace lab::core::test {
namespace {

CommitGraph random_graph(std::uint32_t seed) {
    return range_of(plan_history({.seed = seed, .commits = 3 + seed % 140, .merge_share = 0.2}));
}

TEST(AncestorSums, CountEveryAncestorOnce) {
    for (std::uint32_t seed = 1; seed <= property_histories(150); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto graph = random_graph(seed);
        std::mt19937 random(seed);
        std::vector<double> mass(graph.size());
        for (auto& one : mass) {
            one = random() % 4 == 0 ? 0 : std::uniform_real_distribution<double>(0, 1)(random);
        }

        const auto sums = AncestorSums(graph).of(mass);

        for (CommitIndex commit = 0; commit < graph.size(); ++commit) {
            const auto inside = ancestors_of(graph, commit);
            double expected = 0;
            for (std::size_t other = 0; other < graph.size(); ++other) {
                expected += inside[other] != 0 ? mass[other] : 0;
            }
            ASSERT_NEAR(sums[commit], expected, 1e-12 * (1 + expected));
        }
    }
}

TEST(AncestorSums, TakeSignedMasses) {
    const auto graph = random_graph(77);
    std::vector<double> ones(graph.size(), 1);
    std::vector<double> mixed(graph.size());
    for (std::size_t i = 0; i < mixed.size(); ++i) {
        mixed[i] = i % 2 == 0 ? 1 : -1;
    }
    const AncestorSums sums(graph);

    const auto plain = sums.of(ones);
    const auto signed_sums = sums.of(mixed);
    std::vector<double> both(mixed);
    for (auto& one : both) {
        one += 1;
    }
    const auto together = sums.of(both);

    for (std::size_t i = 0; i < mixed.size(); ++i) {
        ASSERT_NEAR(together[i], plain[i] + signed_sums[i], 1e-9);
    }
}

TEST(AncestorSums, TreatALineAsOneSegment) {
    std::vector<PlannedCommit> line(50);
    for (std::size_t i = 1; i < line.size(); ++i) {
        line[i].parents = {i - 1};
    }

    EXPECT_EQ(AncestorSums(range_of(line)).segments(), 1U);
}

/// Two commits are inseparable when the same testable commits have both or neither as ancestor.
TEST(Suspects, AreThoseThatNoTestSeparates) {
    for (std::uint32_t seed = 1; seed <= property_histories(100); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto graph =
            range_of(plan_history({.seed = seed, .commits = 3 + seed % 40, .merge_share = 0.2}));
        std::mt19937 random(seed);
        std::vector<char> testable(graph.size(), 1);
        for (auto& one : testable) {
            one = random() % 10 < seed % 9 ? 0 : 1;
        }
        std::vector<std::vector<char>> tests;
        for (CommitIndex commit = 0; commit < graph.size(); ++commit) {
            if (commit == 0 || testable[commit] != 0) {
                tests.push_back(ancestors_of(graph, commit));
            }
        }

        for (CommitIndex commit = 0; commit < graph.size(); ++commit) {
            std::vector<CommitIndex> expected;
            for (CommitIndex other = 0; other < graph.size(); ++other) {
                const bool apart = std::any_of(tests.begin(), tests.end(), [&](const auto& test) {
                    return test[commit] != test[other];
                });
                if (!apart) {
                    expected.push_back(other);
                }
            }
            ASSERT_EQ(inseparable(graph, testable, commit), expected);
        }
    }
}

} // namespace
} // namespace lab::core::test
