// SPDX-License-Identifier: Apache-2.0
// Schema versions: an older lab refuses a newer store, a newer one changes an older store after a
// backup. The newer schema is made up.
#include "adapters/results/csv_tables.h"
#include "adapters/results/passwords.h"
#include "adapters/results/sql_tables.h"
#include "base/error.h"
#include "tests/contract/results/places.h"

#include <gmock/gmock.h>

namespace lab::test {
namespace {

using adapters::Row;
using adapters::Schema;
using adapters::StoreKind;
using adapters::TableAccess;
using ports::OpenMode;

/// The next schema: a text and a number more for each SUT.
const Schema& newer_schema() {
    static const Schema schema = [] {
        auto next = adapters::current_schema();
        next.version = 2;
        auto& columns = next.tables[adapters::sut_table].columns;
        columns.push_back({"rack", adapters::CellType::text, adapters::OnChange::keep, 2});
        columns.push_back({"watts", adapters::CellType::real, adapters::OnChange::keep, 2});
        return next;
    }();
    return schema;
}

class SchemaVersion : public testing::TestWithParam<StoreKind> {
protected:
    SchemaVersion() : url_(places_.fresh(GetParam())) {
        places_.open(url_, OpenMode::create)->append(samples({1, 2}));
    }

    [[nodiscard]] std::unique_ptr<TableAccess> open_newer(const std::string& options,
                                                          OpenMode mode) const {
        const auto url = value_or_throw(adapters::parse_store_url(url_ + options));
        if (url.kind == StoreKind::csv) {
            return std::make_unique<adapters::CsvTables>(url.path, mode, newer_schema());
        }
        return std::make_unique<adapters::SqlTables>(url, mode, newer_schema(),
                                                     adapters::find_credentials(url, ""));
    }

    /// What a user says who has made a backup of a server's database.
    [[nodiscard]] static std::string backed_up() {
        const bool is_server =
            GetParam() == StoreKind::mysql || GetParam() == StoreKind::postgresql;
        return is_server ? "&backup=done" : "";
    }

    [[nodiscard]] static std::vector<Row> suts(TableAccess& tables) {
        std::vector<Row> rows;
        tables.read(
            [&] { rows = tables.rows(newer_schema().tables[adapters::sut_table], std::nullopt); });
        return rows;
    }

    StorePlaces places_;
    std::string url_;
};

TEST_P(SchemaVersion, NewerOneReadsAnOlderStoreWithoutChangingIt) {
    const auto rows = suts(*open_newer("", OpenMode::read));

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].size(), 11U);
    EXPECT_EQ(rows[0][10].index(), 0U);
    EXPECT_EQ(places_.open(url_, OpenMode::append)->read({}), samples({1, 2}));
}

TEST_P(SchemaVersion, NewerOneChangesAnOlderStoreAndAnOlderLabThenRefusesIt) {
    {
        const auto tables = open_newer(backed_up(), OpenMode::append);
        Row row = suts(*tables).front();
        row[0] = std::string("t");
        row[9] = std::string("rack 7");
        row[10] = 0.1;
        tables->write(
            [&] { EXPECT_TRUE(tables->insert(newer_schema().tables[adapters::sut_table], row)); });
        EXPECT_THAT(suts(*tables), testing::Contains(row));
        EXPECT_EQ(suts(*tables).size(), 2U);
    }

    for (const auto mode : {OpenMode::read, OpenMode::append}) {
        try {
            (void)places_.open(url_, mode);
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::conflict);
            EXPECT_THAT(error.what(), testing::HasSubstr("has schema 2, this lab knows 1"));
        }
    }
}

TEST_P(SchemaVersion, ChangesNothingBeforeThereIsABackup) {
    if (!backed_up().empty()) {
        try {
            (void)open_newer("", OpenMode::append);
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::conflict);
            EXPECT_THAT(error.hint(), testing::HasSubstr("?backup=done"));
        }
        EXPECT_EQ(places_.open(url_, OpenMode::append)->read({}), samples({1, 2}));
        return;
    }
    (void)open_newer("", OpenMode::append);

    auto copy = adapters::parse_store_url(url_)->text() + ".schema-1.backup";
    EXPECT_EQ(places_.open(copy, OpenMode::append)->read({}), samples({1, 2}));
}

INSTANTIATE_TEST_SUITE_P(Kinds, SchemaVersion,
                         testing::Values(StoreKind::csv, StoreKind::sqlite, StoreKind::mysql,
                                         StoreKind::postgresql),
                         kind_name);

} // namespace
} // namespace lab::test
