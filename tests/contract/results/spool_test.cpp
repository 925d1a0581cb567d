// SPDX-License-Identifier: Apache-2.0
// A database that goes away while samples come in.
#include "adapters/results/spooling_store.h"
#include "base/error.h"
#include "tests/contract/results/database_server.h"
#include "tests/contract/results/places.h"

#include <gmock/gmock.h>

namespace lab::test {
namespace {

using adapters::SpoolingStore;
using adapters::StoreKind;
using ports::OpenMode;

class Spool : public testing::Test {
protected:
    [[nodiscard]] SpoolingStore store_for(const std::string& url) const {
        return SpoolingStore([this, url] { return places_.open(url, OpenMode::append); }, url,
                             file_);
    }

    StorePlaces places_;
    std::filesystem::path file_ = places_.directory() / adapters::spool_name("x");
};

TEST_F(Spool, KeepsSamplesWhileMariaDbIsGoneAndHandsThemOverOnce) {
    const auto url = places_.fresh(StoreKind::mysql);
    auto store = store_for(url);
    EXPECT_GT(store.append(samples({1, 2})), 0U);

    mariadb().kill();
    EXPECT_EQ(store.append(samples({1, 2, 3})), 0U);
    EXPECT_EQ(store.append(samples({1, 2, 3, 4})), 0U);
    EXPECT_NE(store.waiting().find(file_.string()), std::string::npos) << store.waiting();
    EXPECT_THROW((void)store.read({}), Error);
    {
        // labd dies as well, and another one carries on.
        auto next = store_for(url);
        EXPECT_EQ(next.append(samples({1, 2, 3, 4, 5})), 0U);
    }
    mariadb().start();

    EXPECT_EQ(store.append(samples({1, 2, 3, 4, 5, 6})), 1U);
    EXPECT_EQ(store.waiting(), "");
    EXPECT_EQ(store.read({}), samples({1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(std::filesystem::file_size(file_), 0U);
    EXPECT_EQ(places_.open(url, OpenMode::read)->read({}), samples({1, 2, 3, 4, 5, 6}));
}

TEST_F(Spool, HandsOverAgainWithoutDoublesAfterACrash) {
    const auto url = places_.fresh(StoreKind::sqlite);
    auto away = SpoolingStore(
        []() -> std::unique_ptr<ports::ResultStore> { throw Error(ErrorCode::infra, "away"); }, "x",
        file_);
    away.append(hard_batch());
    const auto waiting = read_file(file_);
    store_for(url).append({});
    // As if the crash came after the store had them and before the file was emptied.
    write_file(file_, waiting);

    store_for(url).append({});

    EXPECT_EQ(places_.open(url, OpenMode::read)->read({}), hard_batch());
}

TEST_F(Spool, DropsTheTornLineOfACrash) {
    const auto url = places_.fresh(StoreKind::sqlite);
    write_file(file_, "{\"sut\":[[\"s");

    auto store = store_for(url);

    EXPECT_GT(store.append(samples({1})), 0U);
    EXPECT_EQ(store.read({}), samples({1}));
}

TEST_F(Spool, IsWhatStoresAreOpenedWithToAppend) {
    const auto directory = places_.directory() / "spool";
    adapters::SpoolingStores stores(places_.stores(), directory);
    const auto url = places_.fresh(StoreKind::mysql);

    mariadb().kill();
    EXPECT_EQ(stores.open(url, OpenMode::append)->append(samples({1, 2})), 0U);
    EXPECT_THROW((void)stores.open(url, OpenMode::read), Error);
    mariadb().start();

    // Another object, as after a restart of labd, finds what waits.
    EXPECT_GT(stores.open(url, OpenMode::append)->append(samples({1, 2, 3})), 0U);
    EXPECT_EQ(stores.open(url, OpenMode::read)->read({}), samples({1, 2, 3}));
    EXPECT_THROW((void)stores.open("mysql://u:secret@h/d", OpenMode::append), Error);
}

TEST_F(Spool, HandsNothingToAnotherServerOfThisHost) {
    adapters::SpoolingStores stores(places_.stores(), places_.directory() / "spool");
    const auto url = places_.fresh(StoreKind::mysql);
    const auto nobody = url.substr(0, url.find("socket=")) + "socket=/nonexistent";

    EXPECT_EQ(stores.open(nobody, OpenMode::append)->append(samples({1, 2})), 0U);
    EXPECT_GT(stores.open(url, OpenMode::append)->append(samples({7})), 0U);

    EXPECT_EQ(stores.open(url, OpenMode::read)->read({}), samples({7}));
}

TEST_F(Spool, RefusesBadRecordsAtOnce) {
    auto away = SpoolingStore(
        []() -> std::unique_ptr<ports::ResultStore> { throw Error(ErrorCode::infra, "away"); }, "x",
        file_);

    EXPECT_THROW(away.append(samples({std::numeric_limits<double>::infinity()})), Error);

    EXPECT_FALSE(std::filesystem::exists(file_));
}

} // namespace
} // namespace lab::test
