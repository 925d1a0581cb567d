// SPDX-License-Identifier: Apache-2.0
#include "adapters/store/sqlite_store.h"

#include "adapters/store/schema.h"
#include "base/json.h"

#include <algorithm>
#include <limits>

namespace lab::adapters {
namespace {

using ports::EventRow;
using ports::Image;
using ports::ImageKind;
using ports::InstanceRow;
using ports::JobQuery;
using ports::JobRow;
using ports::StepRow;

/// A nullable column value for an optional time.
struct OptionalTime {
    explicit OptionalTime(const std::optional<WallTime>& time)
        : value(time ? to_epoch_seconds(*time) : 0.0), indicator(time ? soci::i_ok : soci::i_null) {
    }

    double value;
    soci::indicator indicator;
};

std::optional<WallTime> time_from(const soci::row& row, std::size_t column) {
    if (row.get_indicator(column) == soci::i_null) {
        return std::nullopt;
    }
    return from_epoch_seconds(row.get<double>(column));
}

JobRow job_from(const soci::row& row) {
    JobRow job;
    job.id = row.get<std::string>(0);
    job.kind = row.get<std::string>(1);
    job.title = row.get<std::string>(2);
    job.spec_json = row.get<std::string>(3);
    job.config_path = row.get<std::string>(4);
    job.config_text = row.get<std::string>(5);
    job.idempotency_key = row.get<std::string>(6);
    job.state = row.get<std::string>(7);
    if (row.get_indicator(8) != soci::i_null) {
        job.exit_code = row.get<int>(8);
    }
    job.error = row.get<std::string>(9);
    job.hint = row.get<std::string>(10);
    job.result_json = row.get<std::string>(11);
    job.created = from_epoch_seconds(row.get<double>(12));
    job.started = time_from(row, 13);
    job.ended = time_from(row, 14);
    job.crashes = static_cast<unsigned>(row.get<int>(15));
    return job;
}

constexpr const char* job_columns = "select id, kind, title, spec, config_path, config_text,"
                                    " idempotency_key, state, exit_code, error, hint, result,"
                                    " created, started, ended, crashes from job ";

ImageKind kind_from(const std::string& word) {
    for (const auto kind :
         {ImageKind::root, ImageKind::build, ImageKind::install, ImageKind::disk}) {
        if (word == ports::to_string(kind)) {
            return kind;
        }
    }
    throw Error(ErrorCode::infra, "database: unknown image kind '" + word + "'");
}

} // namespace

SqliteStore::SqliteStore(const std::filesystem::path& file)
    : sql_(open_database(file, lab_schema())) {}

SqliteStore::~SqliteStore() = default;

void SqliteStore::put_job(const JobRow& job) {
    const std::lock_guard lock(mutex_);
    translated("store a job", [&] {
        OptionalTime started(job.started);
        OptionalTime ended(job.ended);
        const double created = to_epoch_seconds(job.created);
        const int exit_code = job.exit_code.value_or(0);
        const auto crashes = static_cast<int>(job.crashes);
        auto exit_indicator = job.exit_code ? soci::i_ok : soci::i_null;
        *sql_ << "insert into job (id, kind, title, spec, config_path, config_text,"
                 " idempotency_key, state, exit_code, error, hint, result, created, started, ended,"
                 " crashes) values (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)"
                 " on conflict (id) do update set state = excluded.state,"
                 " exit_code = excluded.exit_code, error = excluded.error, hint = excluded.hint,"
                 " result = excluded.result, started = excluded.started, ended = excluded.ended,"
                 " crashes = excluded.crashes",
            soci::use(job.id), soci::use(job.kind), soci::use(job.title), soci::use(job.spec_json),
            soci::use(job.config_path), soci::use(job.config_text), soci::use(job.idempotency_key),
            soci::use(job.state), soci::use(exit_code, exit_indicator), soci::use(job.error),
            soci::use(job.hint), soci::use(job.result_json), soci::use(created),
            soci::use(started.value, started.indicator), soci::use(ended.value, ended.indicator),
            soci::use(crashes);
    });
}

std::vector<JobRow> SqliteStore::jobs(const JobQuery& query) {
    const std::lock_guard lock(mutex_);
    return translated("read jobs", [&] {
        std::vector<JobRow> jobs;
        const auto limit = static_cast<long long>(
            std::min<std::size_t>(query.limit, std::numeric_limits<long long>::max()));
        // The comparison lets SQLite begin in the index; the prefix then decides.
        const soci::rowset<soci::row> rows =
            (sql_->prepare << std::string(job_columns) +
                                  "where id >= :prefix and substr(id, 1, length(:prefix2)) ="
                                  " :prefix3 and (:key = '' or idempotency_key = :key2)"
                                  " order by id desc limit :limit",
             soci::use(query.id_prefix), soci::use(query.id_prefix), soci::use(query.id_prefix),
             soci::use(query.idempotency_key), soci::use(query.idempotency_key), soci::use(limit));
        for (const auto& row : rows) {
            jobs.push_back(job_from(row));
        }
        return jobs;
    });
}

void SqliteStore::put_step(const StepRow& step) {
    const std::lock_guard lock(mutex_);
    translated("store a step", [&] {
        OptionalTime ended(step.ended);
        const double started = to_epoch_seconds(step.started);
        const auto attempts = static_cast<int>(step.attempts);
        *sql_ << "insert or replace into step (job, key, state, attempts, result, summary, started,"
                 " ended) values (:a, :b, :c, :d, :e, :f, :g, :h)",
            soci::use(step.job), soci::use(step.key), soci::use(step.state), soci::use(attempts),
            soci::use(step.result_json), soci::use(step.summary), soci::use(started),
            soci::use(ended.value, ended.indicator);
    });
}

std::vector<StepRow> SqliteStore::steps(const std::string& job) {
    const std::lock_guard lock(mutex_);
    return translated("read steps", [&] {
        std::vector<StepRow> steps;
        const soci::rowset<soci::row> rows =
            (sql_->prepare << "select key, state, attempts, result, summary, started, ended"
                              " from step where job = :job order by started, key",
             soci::use(job));
        for (const auto& row : rows) {
            StepRow step;
            step.job = job;
            step.key = row.get<std::string>(0);
            step.state = row.get<std::string>(1);
            step.attempts = static_cast<unsigned>(row.get<int>(2));
            step.result_json = row.get<std::string>(3);
            step.summary = row.get<std::string>(4);
            step.started = from_epoch_seconds(row.get<double>(5));
            step.ended = time_from(row, 6);
            steps.push_back(step);
        }
        return steps;
    });
}

std::uint64_t SqliteStore::add_event(const std::string& job, const EventRow& event) {
    const std::lock_guard lock(mutex_);
    return translated("store an event", [&] {
        const double time = to_epoch_seconds(event.time);
        *sql_
            << "insert into event (job, sequence, time, kind, data) select :job,"
               " coalesce(max(sequence), 0) + 1, :time, :kind, :data from event where job = :job2",
            soci::use(job), soci::use(time), soci::use(event.kind), soci::use(event.data_json),
            soci::use(job);
        long long sequence = 0;
        *sql_ << "select max(sequence) from event where job = :job", soci::use(job),
            soci::into(sequence);
        return static_cast<std::uint64_t>(sequence);
    });
}

std::vector<EventRow> SqliteStore::events(const std::string& job, std::uint64_t after,
                                          std::size_t limit) {
    const std::lock_guard lock(mutex_);
    return translated("read events", [&] {
        std::vector<EventRow> events;
        const auto behind = static_cast<long long>(after);
        const auto count = static_cast<long long>(limit);
        const soci::rowset<soci::row> rows =
            (sql_->prepare << "select cast(sequence as text), time, kind, data from event"
                              " where job = :job and sequence > :after order by sequence"
                              " limit :count",
             soci::use(job), soci::use(behind), soci::use(count));
        for (const auto& row : rows) {
            events.push_back({std::stoull(row.get<std::string>(0)),
                              from_epoch_seconds(row.get<double>(1)), row.get<std::string>(2),
                              row.get<std::string>(3)});
        }
        return events;
    });
}

void SqliteStore::append(const std::string& job, const std::string& observation_json) {
    const std::lock_guard lock(mutex_);
    translated("store an observation", [&] {
        *sql_ << "insert into observation (job, sequence, data) select :job,"
                 " coalesce(max(sequence), 0) + 1, :data from observation where job = :job2",
            soci::use(job), soci::use(observation_json), soci::use(job);
    });
}

std::vector<std::string> SqliteStore::observations(const std::string& job) {
    const std::lock_guard lock(mutex_);
    return translated("read observations", [&] {
        const soci::rowset<std::string> rows =
            (sql_->prepare << "select data from observation where job = :job order by sequence",
             soci::use(job));
        return std::vector<std::string>(rows.begin(), rows.end());
    });
}

void SqliteStore::put_instance(const InstanceRow& instance) {
    const std::lock_guard lock(mutex_);
    translated("store an instance", [&] {
        *sql_ << "insert or replace into instance (uuid, name, directory, purpose, image_key,"
                 " access) values (:a, :b, :c, :d, :e, :f)",
            soci::use(instance.uuid), soci::use(instance.name), soci::use(instance.directory),
            soci::use(instance.purpose), soci::use(instance.image_key),
            soci::use(instance.access_json);
    });
}

void SqliteStore::remove_instance(const std::string& uuid) {
    const std::lock_guard lock(mutex_);
    translated("remove an instance",
               [&] { *sql_ << "delete from instance where uuid = :uuid", soci::use(uuid); });
}

std::vector<InstanceRow> SqliteStore::instances() {
    const std::lock_guard lock(mutex_);
    return translated("read instances", [&] {
        std::vector<InstanceRow> instances;
        const soci::rowset<soci::row> rows =
            sql_->prepare << "select uuid, name, directory, purpose, image_key, access"
                             " from instance order by name";
        for (const auto& row : rows) {
            instances.push_back({row.get<std::string>(0), row.get<std::string>(1),
                                 row.get<std::string>(2), row.get<std::string>(3),
                                 row.get<std::string>(4), row.get<std::string>(5)});
        }
        return instances;
    });
}

std::vector<Image> SqliteStore::images() {
    const std::lock_guard lock(mutex_);
    return translated("read images", [&] {
        std::vector<Image> images;
        const soci::rowset<soci::row> rows =
            sql_->prepare << "select key, kind, directory, digest, cast(size as text), parent,"
                             " depth, labels, created from image order by created, key";
        for (const auto& row : rows) {
            Image image;
            image.key = row.get<std::string>(0);
            image.kind = kind_from(row.get<std::string>(1));
            image.directory = row.get<std::string>(2);
            image.digest = row.get<std::string>(3);
            image.size = Bytes{std::stoull(row.get<std::string>(4))};
            image.parent = row.get<std::string>(5);
            image.depth = static_cast<unsigned>(row.get<int>(6));
            image.labels = nlohmann::json::parse(row.get<std::string>(7));
            image.created = from_epoch_seconds(row.get<double>(8));
            images.push_back(image);
        }
        return images;
    });
}

void SqliteStore::put(const Image& image) {
    const std::lock_guard lock(mutex_);
    translated("store an image", [&] {
        const std::string kind = ports::to_string(image.kind);
        const std::string directory = image.directory.string();
        const auto size = static_cast<long long>(image.size.count);
        const std::string labels = json_text(nlohmann::json(image.labels));
        const double created = to_epoch_seconds(image.created);
        const auto depth = static_cast<int>(image.depth);
        *sql_ << "insert or replace into image (key, kind, directory, digest, size, parent, depth,"
                 " labels, created, used) values (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j)",
            soci::use(image.key), soci::use(kind), soci::use(directory), soci::use(image.digest),
            soci::use(size), soci::use(image.parent), soci::use(depth), soci::use(labels),
            soci::use(created), soci::use(created);
    });
}

void SqliteStore::remove(const std::string& key) {
    const std::lock_guard lock(mutex_);
    translated("remove an image",
               [&] { *sql_ << "delete from image where key = :key", soci::use(key); });
}

void SqliteStore::touch(const std::string& key, WallTime used) {
    const std::lock_guard lock(mutex_);
    translated("mark an image as used", [&] {
        const double time = to_epoch_seconds(used);
        *sql_ << "update image set used = :used where key = :key", soci::use(time), soci::use(key);
    });
}

std::map<std::string, WallTime> SqliteStore::last_used() {
    const std::lock_guard lock(mutex_);
    return translated("read image use", [&] {
        std::map<std::string, WallTime> used;
        const soci::rowset<soci::row> rows = sql_->prepare << "select key, used from image";
        for (const auto& row : rows) {
            used[row.get<std::string>(0)] = from_epoch_seconds(row.get<double>(1));
        }
        return used;
    });
}

} // namespace lab::adapters
