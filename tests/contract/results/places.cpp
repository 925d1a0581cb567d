// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/results/places.h"

#include "base/text.h"
#include "tests/contract/results/database_server.h"

#include <limits>

namespace lab::test {
namespace {

using adapters::StoreKind;

ports::RecordTime time_at(std::int64_t microseconds) {
    return ports::RecordTime(std::chrono::microseconds(microseconds));
}

} // namespace

StorePlaces::StorePlaces() : stores_(adapters::make_result_stores("")) {
    write_file(directory() / "password", DatabaseServer::password, FileAccess::owner_only);
}

std::string StorePlaces::with_password(const std::string& url) const {
    return url + "&password_file=" + (directory() / "password").string();
}

std::string StorePlaces::fresh(StoreKind kind) {
    const auto place = directory().string() + "/place " + std::to_string(++count_);
    switch (kind) {
    case StoreKind::csv:
        return "csv://" + place;
    case StoreKind::sqlite:
        return "sqlite://" + place + "/store.db";
    case StoreKind::mysql:
        return with_password(mariadb().url("writer", mariadb().make_database()));
    case StoreKind::postgresql:
        break;
    }
    return with_password(postgresql().url("writer", postgresql().make_database()));
}

std::string StorePlaces::for_reader(StoreKind kind, const std::string& url) const {
    if (kind == StoreKind::mysql || kind == StoreKind::postgresql) {
        auto changed = url;
        changed.replace(changed.find("writer"), 6, "reader");
        return changed;
    }
    const auto path = adapters::parse_store_url(url)->path;
    using std::filesystem::perms;
    const auto read = perms::owner_read | perms::group_read | perms::others_read;
    if (kind == StoreKind::sqlite) {
        std::filesystem::permissions(path, read);
        return url;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        std::filesystem::permissions(entry, read);
    }
    return url;
}

std::string kind_name(const testing::TestParamInfo<adapters::StoreKind>& info) {
    switch (info.param) {
    case StoreKind::csv:
        return "Csv";
    case StoreKind::sqlite:
        return "Sqlite";
    case StoreKind::mysql:
        return "MariaDb";
    case StoreKind::postgresql:
        break;
    }
    return "PostgreSql";
}

ports::ResultBatch hard_batch() {
    ports::ResultBatch batch;
    const std::string odd = "a,\"b\"\r\n'c'; drop table sut; -- \\ \\' %s :name ?\t\xE2\x82\xAC "
                            "\xF0\x9F\x90\xA7 \xD7\xA9 ";
    batch.suts.push_back({"box 1 \xF0\x9F\x90\xA7",
                          odd,
                          "x86_64",
                          "",
                          "",
                          8,
                          std::nullopt,
                          "",
                          "",
                          {{0, {{"model name", odd}, {"empty", ""}}}, {1, {}}}});
    batch.suts.push_back({"plain",
                          "",
                          "",
                          "",
                          "",
                          std::nullopt,
                          std::numeric_limits<std::int64_t>::max(),
                          "",
                          "",
                          {}});
    batch.swprofiles.push_back(
        {"6.8.0-baseline", "6.8.0", std::string(40, 'a'), "Debian", {}, {}, {odd, "", "second"}});
    batch.swprofiles.push_back(
        {"bisect-0123456789ab", "", "", "", {"quiet", "a=\"b c\""}, {"vm.x=1"}, {}});
    ports::BenchmarkRecord bench{
        "speed", "meter", "container", "img@sha256:1", {{"n", "1"}, {"t", odd}}};
    ports::BenchmarkRecord other{"speed", "meter", "", "", {}};
    batch.benchmarks = {other, bench};
    batch.resultclasses = {{other.id(), "score", "runs/min", core::Direction::higher_is_better},
                           {bench.id(), "latency", "\xC2\xB5s", core::Direction::lower_is_better}};
    batch.sessions = {{"1b4e28ba-2fa1-41d2-883f-0016d3cca427", time_at(1'700'000'000'123'456),
                       "tcg", "wall", "6.8.0"},
                      {"2", std::nullopt, "", "", ""}};
    const std::vector<double> values{0.0,
                                     -0.0,
                                     0.1,
                                     1.0 / 3.0,
                                     -1e-300,
                                     5e-324,
                                     1.7976931348623157e308,
                                     9007199254740993.0,
                                     123456789.123456789};
    std::int64_t sequence = 0;
    for (const double value : values) {
        ++sequence;
        batch.results.push_back({batch.suts[0].name, "6.8.0-baseline", bench.id(), "latency",
                                 batch.sessions[0].uuid, sequence,
                                 time_at(1'700'000'001'000'001 + sequence), value,
                                 sequence % 2 == 0 ? std::optional(0.1 * value) : std::nullopt,
                                 sequence % 3 == 0 ? "paused" : ""});
    }
    batch.results.push_back({"plain", "bisect-0123456789ab", other.id(), "score", "2", 1,
                             std::nullopt, 231, std::nullopt, ""});
    batch.errors = {{batch.suts[0].name, "6.8.0-baseline", bench.id(), batch.sessions[0].uuid, 10,
                     time_at(-1), -9, odd}};
    return batch;
}

ports::ResultBatch samples(const std::vector<double>& values) {
    ports::ResultBatch batch;
    batch.suts.push_back({.name = "s"});
    batch.swprofiles.push_back({.name = "p"});
    batch.benchmarks.push_back({.suite = "a", .name = "b"});
    batch.resultclasses.push_back({"a/b", "score", "runs/min", core::Direction::higher_is_better});
    batch.sessions.push_back({.uuid = "1"});
    for (const double value : values) {
        ports::ResultRecord result;
        result.sut = "s";
        result.swprofile = "p";
        result.benchmark = "a/b";
        result.resultclass = "score";
        result.session = "1";
        result.sequence = static_cast<std::int64_t>(batch.results.size() + 1);
        result.value = value;
        batch.results.push_back(result);
    }
    return batch;
}

} // namespace lab::test
