// SPDX-License-Identifier: Apache-2.0
// What only stores of files do: crashes, damage, something else at their place.
#include "base/error.h"
#include "tests/contract/results/places.h"

#include <fstream>
#include <gmock/gmock.h>

namespace lab::test {
namespace {

using adapters::StoreKind;
using ports::OpenMode;

class CsvStore : public testing::Test {
protected:
    CsvStore() { places_.open(url_, OpenMode::create)->append(samples({1, 2})); }

    void append_text(const std::string& table, const std::string& text) const {
        std::ofstream(file(table), std::ios::app) << text;
    }

    [[nodiscard]] std::filesystem::path file(const std::string& table) const {
        return adapters::parse_store_url(url_)->path / (table + ".csv");
    }

    StorePlaces places_;
    std::string url_ = places_.fresh(StoreKind::csv);
};

TEST_F(CsvStore, LeavesOutWhatACrashLeftOfARowAndCutsItOff) {
    append_text("result", "1,a/b,score,3,s,\"p, torn\r\nand");

    EXPECT_EQ(places_.open(url_, OpenMode::read)->read({}), samples({1, 2}));
    places_.open(url_, OpenMode::append)->append(samples({1, 2, 3}));

    EXPECT_EQ(places_.open(url_, OpenMode::read)->read({}), samples({1, 2, 3}));
    EXPECT_THAT(read_file(file("result")), testing::Not(testing::HasSubstr("torn")));
}

TEST_F(CsvStore, SeesWhatAnotherWriterAdds) {
    const auto first = places_.open(url_, OpenMode::append);
    const auto second = places_.open(url_, OpenMode::append);

    EXPECT_EQ(first->append(samples({1, 2, 3})), 1U);
    EXPECT_EQ(second->append(samples({1, 2, 3})), 0U);
    EXPECT_EQ(second->append(samples({1, 2, 3, 4})), 1U);

    EXPECT_EQ(first->read({}), samples({1, 2, 3, 4}));
}

TEST_F(CsvStore, SaysWhereAFileIsDamaged) {
    append_text("result", "1,a/b,score,x,s,p,,7,,\r\n");

    try {
        (void)places_.open(url_, OpenMode::read)->read({});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_THAT(error.what(),
                    testing::HasSubstr("result.csv, record 4: sequence is no number"));
    }
}

TEST_F(CsvStore, FinishesWhatACrashBegan) {
    std::filesystem::remove(file("result_schema"));
    std::filesystem::remove(file("error"));

    EXPECT_EQ(places_.open(url_, OpenMode::create)->read({}), samples({1, 2}));
}

TEST(FileStores, RefuseAPlaceWithSomethingElse) {
    const StorePlaces places;
    const auto other = places.directory() / "other";
    std::filesystem::create_directory(other);
    write_file(other / "notes.txt", "mine");
    const auto code_of = [&](const std::string& url) {
        try {
            (void)places.open(url, OpenMode::append);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::timed_out;
    };

    EXPECT_EQ(code_of(other.string()), ErrorCode::conflict);
    EXPECT_EQ(code_of("sqlite://" + (other / "notes.txt").string()), ErrorCode::infra);
    EXPECT_EQ(read_file(other / "notes.txt"), "mine");
}

} // namespace
} // namespace lab::test
