// SPDX-License-Identifier: Apache-2.0
// SQLite files that somebody else has written.
#include "adapters/results/dialect.h"
#include "adapters/results/sqlite_guard.h"
#include "base/error.h"
#include "tests/contract/results/places.h"

#include <gmock/gmock.h>
#include <soci/soci.h>

namespace lab::test {
namespace {

using adapters::StoreKind;
using ports::OpenMode;
using testing::HasSubstr;

class ForeignSqlite : public testing::Test {
protected:
    ForeignSqlite() : url_(places_.fresh(StoreKind::sqlite)) {
        places_.open(url_, OpenMode::append)->append(samples({1, 2}));
    }

    [[nodiscard]] std::unique_ptr<soci::session> session() const {
        return adapters::connect(adapters::parse_store_url(url_).value(), OpenMode::append, {});
    }

    void change(const std::vector<std::string>& statements) const {
        const auto sql = session();
        for (const auto& statement : statements) {
            *sql << statement;
        }
    }

    /// Why the store is not read; empty when it is.
    [[nodiscard]] std::string refusal(ErrorCode code) const {
        try {
            (void)places_.open(url_, OpenMode::read)->read({});
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        return "";
    }

    StorePlaces places_;
    std::string url_;
};

TEST_F(ForeignSqlite, AViewInTheTablesPlaceIsRefusedWithoutRunningIt) {
    // It would go on for ever.
    change({"alter table result rename to rows",
            "create view RESULT as with recursive n (i) as (select 1 union all select i + 1 from n)"
            " select * from rows, n"});

    EXPECT_THAT(refusal(ErrorCode::conflict), HasSubstr("a view 'result'"));
}

TEST_F(ForeignSqlite, AViewAsTheVersionIsRefused) {
    change({"drop table result_schema",
            "create view result_schema as with recursive n (version) as (select 1 union all"
            " select version from n) select version from n"});

    EXPECT_THAT(refusal(ErrorCode::conflict), HasSubstr("a view 'result_schema'"));
}

TEST_F(ForeignSqlite, ATriggerOnATableIsRefused) {
    change({"create trigger t after insert on result begin delete from sut; end"});

    EXPECT_THAT(refusal(ErrorCode::conflict), HasSubstr("a trigger of 'result'"));
    EXPECT_THROW((void)places_.open(url_, OpenMode::append), Error);
}

TEST_F(ForeignSqlite, AVirtualTableIsRefused) {
    change({"drop table error", "create virtual table error using fts5(session)"});

    EXPECT_THAT(refusal(ErrorCode::conflict), HasSubstr("a virtual table 'error'"));
}

TEST_F(ForeignSqlite, ViewsOfItsOwnersOwnDoNoHarm) {
    change({"create view mine as select * from result"});

    EXPECT_EQ(refusal(ErrorCode::conflict), "");
}

TEST_F(ForeignSqlite, WhatIsNoNumberIsNotReadAsOne) {
    for (const auto* value : {"'fast'", "x'00'"}) {
        change({std::string("update result set value = ") + value});
        EXPECT_THAT(refusal(ErrorCode::infra), HasSubstr("table result: value holds")) << value;
    }
    change({"update result set value = 1", "update sut set cpu_count = 1.9"});
    EXPECT_THAT(refusal(ErrorCode::infra), HasSubstr("table sut: cpu_count holds"));

    change({"update sut set cpu_count = null", "update result set value = 9e999"});
    EXPECT_THAT(refusal(ErrorCode::infra), HasSubstr("not finite"));
}

TEST_F(ForeignSqlite, WorkWithoutEndIsEnded) {
    const auto sql = session();
    adapters::SqliteGuard guard(*sql, Duration(0));
    int count = 0;

    EXPECT_THROW((*sql << "with recursive n (i) as (select 1 union all select i + 1 from n)"
                          " select count(*) from n",
                  soci::into(count)),
                 soci::soci_error);
}

TEST_F(ForeignSqlite, ItsViewsDoNotRunAndItsSchemaCannotBeWritten) {
    change({"create view mine as select 1"});
    const auto sql = session();
    adapters::SqliteGuard guard(*sql, std::chrono::minutes(1));
    int one = 0;

    EXPECT_THROW((*sql << "select * from mine", soci::into(one)), soci::soci_error);
    *sql << "pragma writable_schema = on";
    EXPECT_THROW(*sql << "update sqlite_master set sql = ''", soci::soci_error);
}

} // namespace
} // namespace lab::test
