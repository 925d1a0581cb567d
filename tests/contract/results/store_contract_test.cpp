// SPDX-License-Identifier: Apache-2.0
// What every kind of result store does alike; MariaDB and PostgreSQL are real servers.
#include "base/error.h"
#include "tests/contract/results/places.h"

#include <bit>
#include <gmock/gmock.h>
#include <thread>

namespace lab::test {
namespace {

using adapters::StoreKind;
using ports::OpenMode;
using ports::ResultBatch;

class ResultStoreContract : public testing::TestWithParam<StoreKind> {
protected:
    ResultStoreContract() : url_(places_.fresh(GetParam())) {}

    [[nodiscard]] std::unique_ptr<ports::ResultStore> open(OpenMode mode) const {
        return places_.open(url_, mode);
    }

    [[nodiscard]] ResultBatch all() const { return open(OpenMode::read)->read({}); }

    StorePlaces places_;
    std::string url_;
};

ErrorCode code_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::infra;
}

TEST_P(ResultStoreContract, GivesBackWhatItWasGiven) {
    const auto batch = hard_batch();

    EXPECT_EQ(open(OpenMode::create)->append(batch), batch.size());

    const auto found = all();
    EXPECT_EQ(found, batch);
    ASSERT_EQ(found.results.size(), batch.results.size());
    for (std::size_t i = 0; i < found.results.size(); ++i) {
        // A negative zero comes back as zero.
        EXPECT_EQ(std::bit_cast<std::uint64_t>(found.results[i].value),
                  std::bit_cast<std::uint64_t>(batch.results[i].value + 0.0))
            << batch.results[i].value;
    }
}

TEST_P(ResultStoreContract, AddsNothingTwice) {
    const auto store = open(OpenMode::create);
    store->append(hard_batch());

    EXPECT_EQ(store->append(hard_batch()), 0U);
    EXPECT_EQ(open(OpenMode::append)->append(hard_batch()), 0U);

    EXPECT_EQ(all(), hard_batch());
}

TEST_P(ResultStoreContract, AddsWhatIsNewOfABatch) {
    const auto store = open(OpenMode::create);
    store->append(samples({1, 2}));

    EXPECT_EQ(store->append(samples({1, 2, 3})), 1U);

    EXPECT_EQ(all(), samples({1, 2, 3}));
}

TEST_P(ResultStoreContract, RefusesAnotherValueForAKnownSampleAndWritesNothing) {
    const auto store = open(OpenMode::create);
    store->append(samples({1, 2}));
    auto other = samples({1, 7, 8});
    other.suts.push_back({.name = "t"});

    EXPECT_EQ(code_of([&] { store->append(other); }), ErrorCode::conflict);

    EXPECT_EQ(all(), samples({1, 2}));
    EXPECT_EQ(store->append(samples({1, 2, 3})), 1U);
}

TEST_P(ResultStoreContract, RefusesAnotherSettingUnderAKnownName) {
    const auto store = open(OpenMode::create);
    store->append(samples({1}));
    auto cmdline = samples({1});
    cmdline.swprofiles[0].cmdline = {"quiet"};
    auto unit = samples({1});
    unit.resultclasses[0].unit = "s";

    EXPECT_EQ(code_of([&] { store->append(cmdline); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { store->append(unit); }), ErrorCode::conflict);

    EXPECT_EQ(all(), samples({1}));
}

TEST_P(ResultStoreContract, FillsInWhatWasNotKnown) {
    const auto store = open(OpenMode::create);
    store->append(samples({1}));
    auto known = samples({1});
    known.suts[0].cpu_count = 4;
    known.suts[0].architecture = "x86_64";
    known.suts[0].kernel_name = "6.1";
    known.suts[0].cpus = {{0, {{"model", "x"}}}};

    EXPECT_EQ(store->append(known), 0U);
    EXPECT_EQ(store->append(samples({1})), 0U);

    EXPECT_EQ(all(), known);
    auto other_kernel = known;
    other_kernel.suts[0].kernel_name = "6.2";
    EXPECT_EQ(store->append(other_kernel), 0U);
    EXPECT_EQ(all(), known);
    auto other_machine = known;
    other_machine.suts[0].cpu_count = 8;
    EXPECT_EQ(code_of([&] { store->append(other_machine); }), ErrorCode::conflict);
}

TEST_P(ResultStoreContract, RefusesReferencesToNothing) {
    const auto store = open(OpenMode::create);
    auto batch = samples({1});
    batch.sessions.clear();

    EXPECT_EQ(code_of([&] { store->append(batch); }), ErrorCode::bad_input);

    EXPECT_EQ(all().size(), 0U);
}

TEST_P(ResultStoreContract, RefusesWhatNoStoreTakes) {
    const auto store = open(OpenMode::create);
    auto batch = samples(
        {1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()});
    batch.suts[0].host_name = std::string("a\0b", 3);
    batch.swprofiles[0].name = " p";

    try {
        store->append(batch);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        const std::string all_problems = error.what();
        EXPECT_EQ(std::count(all_problems.begin(), all_problems.end(), '\n'), 3) << all_problems;
    }
    EXPECT_EQ(all().size(), 0U);
}

TEST_P(ResultStoreContract, SelectsByGlobs) {
    open(OpenMode::create)->append(hard_batch());
    const auto store = open(OpenMode::read);

    const auto bisected = store->read({.swprofiles = {"bisect-*"}});
    EXPECT_EQ(bisected.swprofiles.size(), 1U);
    EXPECT_EQ(bisected.results.size(), 1U);
    EXPECT_EQ(bisected.sessions.size(), 1U);
    EXPECT_EQ(bisected.errors.size(), 0U);
    EXPECT_EQ(store->read({.suts = {"box*"}}).results.size(), 9U);
    EXPECT_EQ(store->read({.benchmarks = {"speed/meter"}}).results.size(), 10U);
    EXPECT_EQ(store->read({.benchmarks = {"speed/meter:*"}}).results.size(), 9U);
    EXPECT_EQ(store->read({.resultclasses = {"score", "x*"}}).results.size(), 1U);
    EXPECT_EQ(store->read({.swprofiles = {"none"}}).results.size(), 0U);
    const auto objects = store->read({.tables = ports::Tables::objects});
    EXPECT_EQ(objects.suts.size(), 2U);
    EXPECT_EQ(objects.results.size(), 0U);
}

TEST_P(ResultStoreContract, IsMadeOnceAndFoundAgain) {
    EXPECT_EQ(code_of([&] { (void)open(OpenMode::read); }), ErrorCode::not_found);
    open(OpenMode::create)->append(samples({1}));

    EXPECT_EQ(code_of([&] { (void)open(OpenMode::create); }), ErrorCode::conflict);

    EXPECT_EQ(open(OpenMode::append)->append(samples({1, 2})), 1U);
    EXPECT_EQ(all(), samples({1, 2}));
}

TEST_P(ResultStoreContract, IsMadeByAppending) {
    EXPECT_EQ(open(OpenMode::append)->append(samples({1})), samples({1}).size());

    EXPECT_EQ(all(), samples({1}));
}

TEST_P(ResultStoreContract, NeedsNoMoreThanTheRightToRead) {
    open(OpenMode::create)->append(hard_batch());
    const auto url = places_.for_reader(GetParam(), url_);

    const auto reader = places_.open(url, OpenMode::read);

    EXPECT_EQ(reader->read({}), hard_batch());
    if (GetParam() == StoreKind::mysql || GetParam() == StoreKind::postgresql) {
        EXPECT_EQ(code_of([&] { places_.open(url, OpenMode::append)->append(samples({1})); }),
                  ErrorCode::infra);
    }
}

TEST_P(ResultStoreContract, TakesTwoWritersAtOnce) {
    constexpr int rounds = 20;
    (void)open(OpenMode::create);
    const auto write = [&](const std::string& session) {
        const auto store = open(OpenMode::append);
        for (int round = 1; round <= rounds; ++round) {
            auto batch = samples({1.0 * round});
            batch.sessions[0].uuid = session;
            batch.results[0].session = session;
            batch.results[0].sequence = round;
            EXPECT_GT(store->append(batch), 0U);
        }
    };
    {
        const std::jthread first([&] { write("first"); });
        const std::jthread second([&] { write("second"); });
    }

    const auto found = all();
    EXPECT_EQ(found.results.size(), 2U * rounds);
    EXPECT_EQ(found.sessions.size(), 2U);
    EXPECT_EQ(found.suts.size(), 1U);
}

TEST_P(ResultStoreContract, IsMadeOnceByTwoMakers) {
    std::atomic<int> made = 0;
    std::atomic<int> refused = 0;
    const auto make = [&] {
        try {
            (void)open(OpenMode::create);
            ++made;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
            ++refused;
        }
    };
    {
        const std::jthread first(make);
        const std::jthread second(make);
    }

    EXPECT_EQ(made, 1);
    EXPECT_EQ(refused, 1);
}

TEST_P(ResultStoreContract, NamesItselfWithoutASecret) {
    const auto name = open(OpenMode::create)->name();

    EXPECT_THAT(name, testing::HasSubstr("://"));
    EXPECT_THAT(name, testing::Not(testing::HasSubstr("password")));
}

INSTANTIATE_TEST_SUITE_P(Kinds, ResultStoreContract,
                         testing::Values(StoreKind::csv, StoreKind::sqlite, StoreKind::mysql,
                                         StoreKind::postgresql),
                         kind_name);

TEST(ResultStores, AreRowEqualAfterACircleOfMerges) {
    StorePlaces places;
    auto from = places.fresh(StoreKind::csv);
    places.open(from, OpenMode::create)->append(hard_batch());
    for (const auto kind :
         {StoreKind::sqlite, StoreKind::mysql, StoreKind::postgresql, StoreKind::csv}) {
        const auto to = places.fresh(kind);
        const auto rows = places.open(from, OpenMode::read)->read({});
        EXPECT_EQ(places.open(to, OpenMode::create)->append(rows), hard_batch().size());
        EXPECT_EQ(places.open(to, OpenMode::append)->append(rows), 0U);
        from = to;
    }

    EXPECT_EQ(places.open(from, OpenMode::read)->read({}), hard_batch());
}

} // namespace
} // namespace lab::test
