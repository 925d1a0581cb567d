// SPDX-License-Identifier: Apache-2.0
#include "adapters/store/schema.h"

#include <array>

namespace lab::adapters {
namespace {

constexpr const char* sut_table =
    "create table sut (name text primary key, host text not null, user text not null,"
    " port integer, keyfile text not null, host_key text not null, fingerprint text not null,"
    " power_cycle text not null, console text not null, boot_timeout real not null,"
    " quarantine text not null)";

constexpr std::array tables{
    "create table job (id text primary key, kind text not null, title text not null,"
    " spec text not null, config_path text not null, config_text text not null,"
    " idempotency_key text not null, state text not null, exit_code integer, error text not null,"
    " hint text not null, result text not null, created real not null, started real, ended real,"
    " crashes integer not null default 0)",
    "create unique index job_idempotency on job (idempotency_key) where idempotency_key <> ''",
    "create table step (job text not null references job (id), key text not null,"
    " state text not null, attempts integer not null, result text not null, summary text not null,"
    " started real not null, ended real, primary key (job, key)) without rowid",
    "create table event (job text not null references job (id), sequence integer not null,"
    " time real not null, kind text not null, data text not null,"
    " primary key (job, sequence)) without rowid",
    "create table observation (job text not null references job (id), sequence integer not null,"
    " data text not null, primary key (job, sequence)) without rowid",
    "create table instance (uuid text primary key, name text not null, directory text not null,"
    " purpose text not null, image_key text not null, access text not null)",
    "create table image (key text primary key, kind text not null, directory text not null,"
    " digest text not null, size integer not null, parent text not null, depth integer not null,"
    " labels text not null, created real not null, used real not null)",
    sut_table,
};

constexpr std::array migrations{
    Migration{1, sut_table},
    Migration{2, "alter table job add column crashes integer not null default 0"},
    // They stayed "running" for ever when they were not wanted any more.
    Migration{2,
              "update step set state = 'stopped', ended = (select coalesce(job.ended, step.started)"
              " from job where job.id = step.job) where state = 'running' and exists (select 1"
              " from job where job.id = step.job and job.state not in ('queued', 'running'))"}};

} // namespace

Schema lab_schema() {
    return {3, tables, migrations};
}

} // namespace lab::adapters
