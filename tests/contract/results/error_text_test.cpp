// SPDX-License-Identifier: Apache-2.0
// What errors of databases say, and do not say.
#include "adapters/results/dialect.h"
#include "adapters/results/sql_error.h"
#include "base/error.h"
#include "tests/contract/results/database_server.h"
#include "tests/contract/results/places.h"

#include <csignal>
#include <gmock/gmock.h>
#include <soci/soci.h>
#include <sys/resource.h>

namespace lab::test {
namespace {

using adapters::StoreKind;
using adapters::without_quoted;
using ports::OpenMode;
using testing::HasSubstr;
using testing::Not;

/// What must be in no error: a value that goes to the database.
constexpr const char* value = "s3cret'\" \xC3\xBC value";

ports::ResultBatch batch_with_value() {
    auto batch = samples({1});
    batch.suts.front().vendor_name = value;
    return batch;
}

void expect_clean(const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::infra) << error.what();
    for (const auto* part : {"s3cret", "value", "insert", "INSERT", ":vendor"}) {
        EXPECT_THAT(error.what(), Not(HasSubstr(part)));
        EXPECT_THAT(error.hint(), Not(HasSubstr(part)));
    }
}

/// Nothing larger than now may be written while it lives: a disk that is full, for this process.
class FullDisk {
public:
    explicit FullDisk(rlim_t largest) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{largest, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST(ErrorText, LeavesOutWhatServersQuote) {
    EXPECT_EQ(without_quoted("Duplicate entry 's3cret' for key 'PRIMARY'"),
              "Duplicate entry '...'");
    EXPECT_EQ(without_quoted("Got error 28 \"No space left\" from storage engine"),
              "Got error 28 '...' from storage engine");
    EXPECT_EQ(without_quoted("Can't create table `lab`.`x` (errno: 28)"),
              "Can't create table '...' (errno: 28)");
    EXPECT_EQ(without_quoted("ERROR:  value too long\nDETAIL:  Key (a)=(s3cret)"),
              "ERROR:  value too long");
    EXPECT_EQ(without_quoted("near 'a'b\"s3cret"), "near '...'s3cret");
    EXPECT_EQ(without_quoted("FEHLER: doppelter Schl\xC3\xBCssel \xC2\xBBs3cret\xC2\xAB"),
              "FEHLER: doppelter Schl'...'");
    EXPECT_EQ(without_quoted("disk full"), "disk full");
    EXPECT_EQ(without_quoted(""), "");
}

TEST(ErrorText, OfAFullDiskHoldsNoSqlAndNoValue) {
    StorePlaces places;
    const auto store = places.open(places.fresh(StoreKind::sqlite), OpenMode::append);
    store->append({});
    // More than SQLite keeps in memory, so that it is an insertion that fails.
    auto batch = batch_with_value();
    for (int i = 0; i < 8; ++i) {
        batch.suts.push_back(batch.suts.front());
        batch.suts.back().name += std::to_string(i);
        batch.suts.back().product_name = value + std::string((1U << 20U) - 64, 'x');
    }
    try {
        const FullDisk full(1U << 16U);
        store->append(batch);
        FAIL();
    } catch (const Error& error) {
        expect_clean(error);
        EXPECT_THAT(error.what(), HasSubstr("the database says: "));
    }
}

TEST(ErrorText, OfPostgreSqlsConstraintHoldsNoValue) {
    StorePlaces places;
    const auto url = places.fresh(StoreKind::postgresql);
    const auto store = places.open(url, OpenMode::append);
    const auto database = adapters::parse_store_url(url)->database;
    postgresql().administer(database, {"alter table sut add check (length(vendor_name) < 3)"});

    try {
        store->append(batch_with_value());
        FAIL();
    } catch (const Error& error) {
        expect_clean(error);
        EXPECT_THAT(error.what(), HasSubstr("new row for relation"));
    }
}

TEST(ErrorText, OfMariaDbHoldsNoValue) {
    StorePlaces places;
    const auto url = places.fresh(StoreKind::mysql);
    const auto store = places.open(url, OpenMode::append);
    const auto database = adapters::parse_store_url(url)->database;
    // Its statements hold the values, and it quotes statements.
    mariadb().administer(database, {"alter table sut change vendor_name vendor int"});

    try {
        store->append(batch_with_value());
        FAIL();
    } catch (const Error& error) {
        expect_clean(error);
        EXPECT_THAT(error.what(), HasSubstr("Unknown column"));
    }
}

} // namespace
} // namespace lab::test
