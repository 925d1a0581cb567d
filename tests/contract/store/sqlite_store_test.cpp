// SPDX-License-Identifier: Apache-2.0
#include "adapters/store/database.h"
#include "adapters/store/schema.h"
#include "adapters/store/sqlite_store.h"
#include "base/error.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <thread>

namespace lab::adapters {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SqliteStoreTest : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "lab \"a'b.db"; }

    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "lab-store-"};
};

ports::JobRow job_row(const std::string& id) {
    ports::JobRow row;
    row.id = id;
    row.kind = "build";
    row.title = "build 'x' \"y\" ; drop table job";
    row.spec_json = "{}";
    row.state = "queued";
    row.created = from_epoch_seconds(1'700'000'000.5);
    return row;
}

TEST_F(SqliteStoreTest, RefusesAPathItsConnectionTextCannotCarry) {
    EXPECT_THROW(SqliteStore{file()}, Error);
}

class OpenStore : public SqliteStoreTest {
protected:
    [[nodiscard]] std::filesystem::path database() const { return directory_.path() / "a b.db"; }
};

TEST_F(OpenStore, KeepsJobsAcrossReopening) {
    {
        SqliteStore store(database());
        auto row = job_row("01A");
        store.put_job(row);
        row.state = "done";
        row.exit_code = 7;
        row.ended = from_epoch_seconds(1'700'000'009.25);
        store.put_job(row);
    }

    SqliteStore store(database());
    const auto rows = store.jobs({});

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].state, "done");
    EXPECT_EQ(rows[0].exit_code, 7);
    EXPECT_FALSE(rows[0].started);
    EXPECT_DOUBLE_EQ(to_epoch_seconds(*rows[0].ended), 1'700'000'009.25);
    EXPECT_EQ(rows[0].title, job_row("01A").title);
}

TEST_F(OpenStore, ListsNewestJobsFirst) {
    SqliteStore store(database());
    store.put_job(job_row("01A"));
    store.put_job(job_row("01C"));
    store.put_job(job_row("01B"));

    const auto rows = store.jobs({});

    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].id, "01C");
    EXPECT_EQ(rows[2].id, "01A");
}

TEST_F(OpenStore, FindsJobsByPrefixKeyAndLimit) {
    SqliteStore store(database());
    auto keyed = job_row("01B");
    keyed.idempotency_key = "once";
    store.put_job(job_row("01A"));
    store.put_job(keyed);
    store.put_job(job_row("02A"));
    const auto ids = [&](const ports::JobQuery& query) {
        std::vector<std::string> found;
        for (const auto& row : store.jobs(query)) {
            found.push_back(row.id);
        }
        return found;
    };

    EXPECT_THAT(ids({"01", {}}), ElementsAre("01B", "01A"));
    EXPECT_THAT(ids({"01A", {}}), ElementsAre("01A"));
    EXPECT_THAT(ids({"%", {}}), IsEmpty());
    EXPECT_THAT(ids({{}, "once"}), ElementsAre("01B"));
    EXPECT_THAT(ids({"02", "once"}), IsEmpty());
    EXPECT_THAT(ids({{}, {}, 1}), ElementsAre("02A"));
}

TEST_F(OpenStore, NumbersEventsOfEachJobWithoutGapsFromManyThreads) {
    SqliteStore store(database());
    store.put_job(job_row("01A"));
    store.put_job(job_row("01B"));
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k < 10; ++k) {
                    store.add_event("01A", {0, from_epoch_seconds(1), "phase", "{}"});
                }
            });
        }
    }
    const auto first_of_other = store.add_event("01B", {0, from_epoch_seconds(1), "phase", "{}"});

    const auto events = store.events("01A", 0, 100);

    ASSERT_EQ(events.size(), 40U);
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i].sequence, i + 1);
    }
    EXPECT_EQ(store.events("01A", 38, 100).size(), 2U);
    EXPECT_EQ(store.events("01A", 0, 5).size(), 5U);
    EXPECT_EQ(first_of_other, 1U);
}

TEST_F(OpenStore, ReplacesAStepAndKeepsObservationsInOrder) {
    SqliteStore store(database());
    store.put_job(job_row("01A"));
    ports::StepRow step;
    step.job = "01A";
    step.key = "build/x";
    step.state = "running";
    step.started = from_epoch_seconds(2);
    store.put_step(step);
    step.state = "done";
    step.attempts = 3;
    step.result_json = "{\"a\":1}";
    store.put_step(step);
    store.append("01A", "one");
    store.append("01A", "two");

    const auto steps = store.steps("01A");

    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].state, "done");
    EXPECT_EQ(steps[0].attempts, 3U);
    EXPECT_EQ(steps[0].result_json, "{\"a\":1}");
    EXPECT_EQ(store.observations("01A"), (std::vector<std::string>{"one", "two"}));
    EXPECT_TRUE(store.observations("01B").empty());
}

TEST_F(OpenStore, RefusesAStepOfNoJob) {
    SqliteStore store(database());
    ports::StepRow step;
    step.job = "none";
    step.key = "k";
    step.started = from_epoch_seconds(2);

    EXPECT_THROW(store.put_step(step), Error);
}

TEST_F(OpenStore, SaysOfAFullDiskNeitherSqlNorValues) {
    const auto sql = open_database(database(), lab_schema());
    int pages = 0;
    *sql << "pragma max_page_count = 40", soci::into(pages);
    const auto secret = "s3cret" + std::string(1U << 20U, 'x');

    try {
        translated("store an instance", [&] {
            *sql << "insert into instance (uuid, name, directory, purpose, image_key, access)"
                    " values (:uuid, :uuid2, '', '', '', '')",
                soci::use(secret), soci::use(secret);
        });
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "database: cannot store an instance: database or disk is full");
    }
}

TEST_F(OpenStore, KeepsImagesWithLargeSizesAndLabels) {
    SqliteStore store(database());
    ports::Image image;
    image.kind = ports::ImageKind::install;
    image.key = "k1";
    image.directory = "/x/y";
    image.size = Bytes{std::uint64_t{1} << 50U};
    image.depth = 3;
    image.labels = {{"vm", "a"}, {"note", "\"q\"\n"}};
    image.created = from_epoch_seconds(5);
    store.put(image);
    store.touch("k1", from_epoch_seconds(9));

    const auto images = store.images();

    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0].kind, ports::ImageKind::install);
    EXPECT_EQ(images[0].size, image.size);
    EXPECT_EQ(images[0].labels, image.labels);
    EXPECT_EQ(to_epoch_seconds(store.last_used().at("k1")), 9.0);
    store.remove("k1");
    EXPECT_TRUE(store.images().empty());
}

TEST_F(OpenStore, KeepsInstancesUntilTheyAreRemoved) {
    SqliteStore store(database());
    store.put_instance({"u1", "vm", "/d", "job", "k", "{}"});
    store.put_instance({"u1", "vm", "/d", "user", "k", "{}"});

    ASSERT_EQ(store.instances().size(), 1U);
    EXPECT_EQ(store.instances()[0].purpose, "user");
    store.remove_instance("u1");
    EXPECT_TRUE(store.instances().empty());
}

ports::Sut box() {
    ports::Sut sut;
    sut.name = "box";
    sut.address = {"box.example.org", "fp", 2222, "/keys/id"};
    sut.host_key = "ssh-ed25519 AAAA";
    sut.fingerprint = "SHA256:abc";
    sut.power_cycle = {"pdu", "port 7", "it's"};
    sut.boot_timeout = std::chrono::seconds(90);
    return sut;
}

TEST_F(OpenStore, KeepsMachinesBySshUntilTheyAreRemoved) {
    {
        SqliteStore store(database());
        store.put_sut(box());
        auto other = box();
        other.name = "a";
        other.address.port.reset();
        store.put_sut(other);
        other.quarantine = "no answer";
        store.put_sut(other);
    }

    SqliteStore store(database());
    const auto suts = store.suts();

    ASSERT_EQ(suts.size(), 2U);
    EXPECT_EQ(suts[0].name, "a");
    EXPECT_EQ(suts[0].address.port, std::nullopt);
    EXPECT_EQ(suts[0].quarantine, "no answer");
    EXPECT_EQ(suts[1].address, box().address);
    EXPECT_EQ(suts[1].power_cycle, box().power_cycle);
    EXPECT_EQ(suts[1].boot_timeout, box().boot_timeout);
    EXPECT_EQ(suts[1].host_key, box().host_key);
    EXPECT_TRUE(suts[1].console.empty());
    store.remove_sut("box");
    EXPECT_EQ(store.suts().size(), 1U);
}

TEST_F(OpenStore, UpgradesADatabaseOfVersion1) {
    {
        SqliteStore store(database());
        store.put_job(job_row("01A"));
    }
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw,
                           "drop table sut; alter table job drop column crashes;"
                           " pragma user_version = 1",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(raw);

    SqliteStore store(database());
    store.put_sut(box());

    EXPECT_EQ(store.suts().size(), 1U);
    EXPECT_EQ(store.jobs({}).size(), 1U);
}

TEST_F(OpenStore, EndsTheStepsThatVersion2LeftRunning) {
    {
        SqliteStore store(database());
        for (const auto* state : {"done", "running"}) {
            auto job = job_row(state);
            job.state = state;
            job.ended = from_epoch_seconds(50);
            store.put_job(job);
            ports::StepRow step;
            step.job = state;
            step.key = "build";
            step.state = "running";
            store.put_step(step);
        }
    }
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw, "alter table job drop column crashes; pragma user_version = 2",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(raw);

    SqliteStore store(database());

    EXPECT_EQ(store.steps("done").at(0).state, "stopped");
    EXPECT_EQ(store.steps("done").at(0).ended, from_epoch_seconds(50));
    EXPECT_EQ(store.steps("running").at(0).state, "running");
    EXPECT_EQ(store.jobs({"done", {}, 1}).at(0).crashes, 0U);
}

TEST_F(OpenStore, RefusesADatabaseOfANewerVersion) {
    { SqliteStore store(database()); }
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw, "pragma user_version = 99", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(raw);

    try {
        SqliteStore store(database());
        FAIL() << "opened";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict);
        EXPECT_NE(std::string(error.what()).find("schema 99"), std::string::npos);
    }
}

} // namespace
} // namespace lab::adapters
