// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/sqlite_guard.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <utility>

namespace lab::adapters {
namespace {

/// Steps of SQLite's machine between two looks at the clock; some milliseconds.
constexpr int steps_between_looks = 100'000;

constexpr std::pair<int, int> switches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_DQS_DML, 0}};

/// Far above what a store of ours needs.
constexpr std::pair<int, int> limits[] = {{SQLITE_LIMIT_LENGTH, 1 << 28},
                                          {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
                                          {SQLITE_LIMIT_EXPR_DEPTH, 100},
                                          {SQLITE_LIMIT_COMPOUND_SELECT, 10},
                                          {SQLITE_LIMIT_TRIGGER_DEPTH, 1}};

sqlite_api::sqlite3* handle_of(soci::session& sql) {
    return static_cast<soci::sqlite3_session_backend*>(sql.get_backend())->conn_;
}

} // namespace

SqliteGuard::SqliteGuard(soci::session& sql, Duration longest)
    : sql_(sql), longest_(longest), deadline_(Deadline::in(longest)) {
    auto* const handle = handle_of(sql);
    for (const auto& [name, value] : switches) {
        sqlite_api::sqlite3_db_config(handle, name, value, nullptr);
    }
    for (const auto& [name, value] : limits) {
        sqlite_api::sqlite3_limit(handle, name, value);
    }
    sqlite_api::sqlite3_progress_handler(handle, steps_between_looks, &SqliteGuard::is_late, this);
    sql << "pragma cell_size_check = on";
}

SqliteGuard::~SqliteGuard() {
    sqlite_api::sqlite3_progress_handler(handle_of(sql_), 0, nullptr, nullptr);
}

int SqliteGuard::is_late(void* guard) {
    return static_cast<SqliteGuard*>(guard)->deadline_.passed() ? 1 : 0;
}

std::optional<std::string> not_a_table(soci::session& sql, const Schema& schema) {
    std::vector<std::string> names{version_table};
    for (const auto& table : schema.tables) {
        names.push_back(table.name);
    }
    for (const auto& name : names) {
        std::string found;
        sql << "select coalesce(min(case type when 'view' then 'a view' when 'trigger' then"
               " 'a trigger of' else 'a virtual table' end), '') from sqlite_master where"
               " (type = 'view' and lower(name) = :a) or (type = 'trigger' and lower(tbl_name) ="
               " :b) or (type = 'table' and rootpage = 0 and lower(name) = :c)",
            soci::use(name), soci::use(name), soci::use(name), soci::into(found);
        if (!found.empty()) {
            return found + " '" + name + "'";
        }
    }
    return std::nullopt;
}

std::optional<std::string> mistyped_column(soci::session& sql, const Table& table,
                                           std::size_t columns) {
    std::string cases;
    for (std::size_t i = 0; i < columns; ++i) {
        const auto& column = table.columns[i];
        if (column.type == CellType::integer || column.type == CellType::real) {
            cases += " when typeof(" + column.name + ") not in ('null', 'integer'" +
                     (column.type == CellType::real ? ", 'real'" : "") + ") then '" + column.name +
                     "'";
        }
    }
    if (cases.empty()) {
        return std::nullopt;
    }
    std::string found;
    sql << "select coalesce(min(case" + cases + " end), '') from " + table.name, soci::into(found);
    return found.empty() ? std::nullopt : std::optional(found);
}

} // namespace lab::adapters
