// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/sql_tables.h"

#include "adapters/results/schema_check.h"
#include "adapters/results/sql_error.h"
#include "adapters/results/sql_statement.h"
#include "base/files.h"

#include <algorithm>

namespace lab::adapters {
namespace {

/// Runs database work; SOCI's exception becomes an infra Error without SQL and values.
template <class Work>
auto translated(const StoreUrl& url, Work&& work) {
    try {
        return work();
    } catch (const soci::soci_error& error) {
        throw statement_error(url, error);
    }
}

/// Of an SQLite file; a store of ten million samples takes a tenth of it.
constexpr Duration longest_work = std::chrono::minutes(5);

std::vector<Column> first_columns(const Table& table, std::size_t count) {
    return {table.columns.begin(), table.columns.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string condition(const Table& table) {
    std::string text = " where ";
    for (std::size_t i = 0; i < table.key; ++i) {
        text += (i == 0 ? "" : " and ") + table.columns[i].name + " = :" + table.columns[i].name;
    }
    return text;
}

} // namespace

SqlTables::SqlTables(StoreUrl url, ports::OpenMode mode, const Schema& schema,
                     const Credentials& credentials)
    : url_(std::move(url)), schema_(schema), dialect_{url_.kind} {
    const bool is_file = url_.kind == StoreKind::sqlite;
    if (is_file && mode == ports::OpenMode::read && !path_exists(url_.path)) {
        throw no_store(name());
    }
    if (is_file && mode != ports::OpenMode::read) {
        std::error_code ignored; // SQLite says what is wrong
        std::filesystem::create_directories(url_.path.parent_path(), ignored);
    }
    sql_ = connect(url_, mode, credentials);
    translated(url_, [&] { prepare(mode); });
}

SqlTables::~SqlTables() {
    statements_.clear();
}

bool SqlTables::has_table(const std::string& table) {
    int count = 0;
    *sql_ << dialect_.count_tables(), soci::use(table, "name"), soci::into(count);
    return count > 0;
}

int SqlTables::stored_version() {
    int version = 0;
    if (has_table(version_table)) {
        *sql_ << std::string("select coalesce(max(version), 0) from ") + version_table,
            soci::into(version);
    }
    return version;
}

void SqlTables::prepare_sqlite(ports::OpenMode mode) {
    guard_.emplace(*sql_, longest_work);
    if (const auto odd = not_a_table(*sql_, schema_)) {
        throw something_else(name(), *odd);
    }
    if (mode != ports::OpenMode::read) {
        *sql_ << "pragma synchronous = full";
    }
}

void SqlTables::prepare(ports::OpenMode mode) {
    if (url_.kind == StoreKind::sqlite) {
        prepare_sqlite(mode);
    }
    if (url_.kind == StoreKind::mysql) {
        // A consistent snapshot exists at this level only, whatever the server's default is.
        *sql_ << "set session transaction isolation level repeatable read";
    }
    version_ = stored_version();
    if (mode == ports::OpenMode::read && version_ == 0) {
        throw no_store(name());
    }
    if (version_ == 0) {
        transact([&] {
            // Another one may have made it while we waited.
            version_ = stored_version();
            if (version_ == 0) {
                create();
            } else if (mode == ports::OpenMode::create) {
                throw store_exists(name());
            }
        });
    } else if (mode == ports::OpenMode::create) {
        throw store_exists(name());
    }
    check_version(name(), version_, schema_.version);
    if (version_ < schema_.version && mode != ports::OpenMode::read) {
        migrate(version_);
    }
}

void SqlTables::create() {
    const std::string versions = version_table;
    // MySQL commits each statement by itself: the table of versions comes first to say whose tables
    // follow, and its row last.
    const bool was_cut_short = has_table(versions);
    for (const auto& table : schema_.tables) {
        if (!was_cut_short && has_table(table.name)) {
            throw something_else(name(), "a table '" + table.name + "'");
        }
    }
    *sql_ << "create table if not exists " + versions + " (version integer not null)";
    for (const auto& table : schema_.tables) {
        *sql_ << dialect_.create_table(table);
    }
    *sql_ << "insert into " + versions + " (version) values (:version)",
        soci::use(schema_.version, "version");
    version_ = schema_.version;
}

void SqlTables::back_up(int from) {
    if (url_.kind != StoreKind::sqlite) {
        if (!url_.backed_up) {
            throw Error(ErrorCode::conflict,
                        name() + ": has schema " + std::to_string(from) + ", this lab writes " +
                            std::to_string(schema_.version) + " and would change it",
                        std::string("back it up with ") + dialect_.backup_program() +
                            ", then add ?backup=done to the URL");
        }
        return;
    }
    const auto backup = url_.path.string() + ".schema-" + std::to_string(from) + ".backup";
    if (path_exists(backup)) {
        return;
    }
    const auto temporary = backup + ".tmp";
    std::filesystem::remove(temporary);
    *sql_ << "vacuum into :file", soci::use(temporary, "file");
    sync_path(temporary);
    std::filesystem::rename(temporary, backup);
    sync_path(url_.path.parent_path());
}

void SqlTables::migrate(int from) {
    back_up(from);
    transact([&] {
        // Another one may have done it while we waited.
        version_ = stored_version();
        for (const auto& table : schema_.tables) {
            for (std::size_t i = width(table); i < table.columns.size(); ++i) {
                *sql_ << dialect_.add_column(table, table.columns[i]);
            }
        }
        *sql_ << std::string("update ") + version_table + " set version = :version",
            soci::use(schema_.version, "version");
    });
    version_ = schema_.version;
}

void SqlTables::take_lock() {
    const std::string query = dialect_.take_writers_lock();
    if (query.empty()) {
        return;
    }
    int taken = 0;
    *sql_ << query, soci::into(taken);
    if (taken != 1) {
        throw Error(ErrorCode::infra, name() + ": another writer holds its lock for a minute");
    }
}

void SqlTables::release_lock() noexcept {
    const std::string query = dialect_.release_writers_lock();
    if (query.empty()) {
        return;
    }
    try {
        int released = 0;
        *sql_ << query, soci::into(released);
    } catch (const soci::soci_error&) {
        // The connection is gone, and with it the lock.
        return;
    }
}

void SqlTables::transact(const std::function<void()>& work) {
    // MySQL's lock comes before the transaction, so that the transaction sees what others wrote.
    const bool locks_outside = url_.kind == StoreKind::mysql;
    if (locks_outside) {
        take_lock();
    }
    try {
        *sql_ << dialect_.begin_write();
        if (!locks_outside) {
            take_lock();
        }
        work();
        *sql_ << "commit";
    } catch (...) {
        try {
            *sql_ << "rollback";
        } catch (const soci::soci_error&) {
            statements_.clear(); // a lost connection has rolled back by itself
        }
        release_lock();
        throw;
    }
    release_lock();
}

void SqlTables::begin_work() {
    if (guard_) {
        guard_->begin();
    }
}

void SqlTables::write(const std::function<void()>& work) {
    begin_work();
    translated(url_, [&] { transact(work); });
}

void SqlTables::read(const std::function<void()>& work) {
    begin_work();
    translated(url_, [&] {
        *sql_ << dialect_.begin_read();
        try {
            work();
        } catch (...) {
            try {
                *sql_ << "rollback";
            } catch (const soci::soci_error&) {
                statements_.clear();
            }
            throw;
        }
        *sql_ << "commit";
    });
}

std::size_t SqlTables::width(const Table& table) const {
    return static_cast<std::size_t>(
        std::count_if(table.columns.begin(), table.columns.end(),
                      [&](const Column& column) { return column.since <= version_; }));
}

std::string SqlTables::select(const Table& table) const {
    std::string text = "select ";
    for (std::size_t i = 0; i < width(table); ++i) {
        text += (i == 0 ? "" : ", ") + table.columns[i].name;
    }
    return text + " from " + table.name;
}

SqlStatement& SqlTables::statement(Kind kind, const Table& table) {
    auto& slot = statements_[{kind, table.name}];
    if (slot) {
        return *slot;
    }
    const auto all = first_columns(table, width(table));
    const auto key = first_columns(table, table.key);
    if (kind == Kind::insert) {
        slot = std::make_unique<SqlStatement>(*sql_, url_.kind, dialect_.insert(table, all.size()),
                                              all, std::vector<Column>());
    } else if (kind == Kind::find) {
        slot = std::make_unique<SqlStatement>(*sql_, url_.kind, select(table) + condition(table),
                                              key, all);
    } else {
        std::string text;
        std::vector<Column> used(all.begin() + static_cast<std::ptrdiff_t>(table.key), all.end());
        for (const auto& column : used) {
            text += (text.empty() ? "update " + table.name + " set " : ", ") + column.name +
                    " = :" + column.name;
        }
        used.insert(used.end(), key.begin(), key.end());
        slot = std::make_unique<SqlStatement>(*sql_, url_.kind, text + condition(table), used,
                                              std::vector<Column>());
    }
    return *slot;
}

bool SqlTables::insert(const Table& table, const Row& row) {
    auto& insertion = statement(Kind::insert, table);
    insertion.run(row);
    return insertion.affected() > 0;
}

void SqlTables::replace(const Table& table, const Row& row) {
    Row values(row.begin() + static_cast<std::ptrdiff_t>(table.key), row.end());
    values.insert(values.end(), row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.key));
    statement(Kind::replace, table).run(values);
}

std::optional<Row> SqlTables::find(const Table& table, const Row& key) {
    auto& query = statement(Kind::find, table);
    if (!query.run(key)) {
        return std::nullopt;
    }
    auto row = query.row();
    // A query that is not read to its end holds SQLite's lock.
    while (query.next()) {
    }
    return row;
}

std::vector<Row> SqlTables::rows(const Table& table, const std::optional<Selection>& selection) {
    if (selection && selection->values.empty()) {
        return {};
    }
    const auto odd =
        guard_ ? mistyped_column(*sql_, table, width(table)) : std::optional<std::string>();
    if (odd) {
        throw Error(ErrorCode::infra,
                    name() + ": table " + table.name + ": " + *odd + " holds what is no number",
                    "the file was written by something else; restore it from a copy");
    }
    auto text = select(table);
    std::vector<Column> used;
    Row values;
    if (selection) {
        const auto& column = table.columns[selection->column];
        for (const auto& value : selection->values) {
            const auto name = "value" + std::to_string(used.size());
            text += (used.empty() ? " where " + column.name + " in (:" : ", :") + name;
            used.push_back({name, CellType::id});
            values.emplace_back(value);
        }
        text += ")";
    }
    SqlStatement query(*sql_, url_.kind, text, used, first_columns(table, width(table)));
    std::vector<Row> found;
    for (bool more = query.run(values); more; more = query.next()) {
        auto row = query.row();
        for (std::size_t i = row.size(); i < table.columns.size(); ++i) {
            const bool is_number = table.columns[i].type == CellType::integer ||
                                   table.columns[i].type == CellType::real;
            row.push_back(is_number ? Cell() : Cell(std::string()));
        }
        found.push_back(std::move(row));
    }
    return found;
}

} // namespace lab::adapters
