// SPDX-License-Identifier: Apache-2.0
// The ends of a bisection come out of every kind of store alike, for a user who may only read.
#include "cli/bisect_baselines.h"
#include "tests/contract/results/places.h"

#include <gtest/gtest.h>

namespace lab::test {
namespace {

using adapters::StoreKind;
using ports::OpenMode;

class BaselinesOfAStore : public testing::TestWithParam<StoreKind> {};

ports::ResultBatch both_ends() {
    ports::ResultBatch batch;
    batch.suts = {{"box"}};
    batch.swprofiles = {{"good", "", std::string(40, 'a')}, {"bad", "", std::string(40, 'b')}};
    const ports::BenchmarkRecord benchmark{"a", "b", "command", "", {{"n", "1"}}};
    batch.benchmarks = {benchmark};
    batch.resultclasses = {
        {benchmark.id(), "score", "runs/min", core::Direction::higher_is_better}};
    const auto add = [&](const std::string& profile, const std::vector<double>& values) {
        for (const double value : values) {
            const auto session = profile + std::to_string(batch.results.size());
            batch.sessions.push_back({session, {}, "tcg", "wall", ""});
            ports::ResultRecord result{"box", profile, benchmark.id(), "score", session};
            result.value = value;
            batch.results.push_back(result);
        }
    };
    add("good", {231, 232, 234, 235});
    add("bad", {217, 220, 222, 225});
    return batch;
}

TEST_P(BaselinesOfAStore, AreFoundAndCopiedByOneWhoMayOnlyRead) {
    StorePlaces places;
    const auto url = places.fresh(GetParam());
    places.open(url, OpenMode::create)->append(both_ends());
    const cli::BaselineQuestion question{"box", "good", "bad", "a/b", "score"};

    const auto reader = places.open(places.for_reader(GetParam(), url), OpenMode::read);
    const auto found = cli::find_baselines(cli::read_ends(*reader, question), question);

    ASSERT_TRUE(found) << cli::to_error(found.error()).what();
    EXPECT_NEAR(found->levels.good().mean, 233, 1e-9);
    const auto copy = places.open(places.fresh(StoreKind::csv), OpenMode::create);
    copy->append(found->records);
    EXPECT_EQ(copy->read({}), places.open(url, OpenMode::read)->read({}));
}

INSTANTIATE_TEST_SUITE_P(Kinds, BaselinesOfAStore,
                         testing::Values(StoreKind::csv, StoreKind::sqlite, StoreKind::mysql,
                                         StoreKind::postgresql),
                         kind_name);

} // namespace
} // namespace lab::test
