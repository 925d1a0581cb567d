// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/passwords.h"
#include "adapters/results/schema.h"
#include "adapters/results/store_url.h"
#include "ports/result_store.h"

#include <memory>
#include <string>

namespace soci {
class session;
}

namespace lab::adapters {

/// Where the three databases differ. Values are always bound, never part of a text.
struct Dialect {
    StoreKind kind = StoreKind::sqlite;

    [[nodiscard]] const char* type_of(CellType type) const;
    [[nodiscard]] std::string create_table(const Table& table) const;
    [[nodiscard]] std::string add_column(const Table& table, const Column& column) const;
    /// Adds a row with one `:name` for each of the first `columns` columns unless its key is there.
    [[nodiscard]] std::string insert(const Table& table, std::size_t columns) const;
    /// Number of tables called `:name` in this database.
    [[nodiscard]] const char* count_tables() const;
    [[nodiscard]] const char* begin_read() const;
    [[nodiscard]] const char* begin_write() const;
    /// Waits until no other lab writes; "" where begin_write() does.
    [[nodiscard]] const char* take_writers_lock() const;
    /// "" where the end of the transaction does.
    [[nodiscard]] const char* release_writers_lock() const;
    /// What makes a copy of the whole database, for people.
    [[nodiscard]] const char* backup_program() const;
};

/// Connects to the database of a URL.
/// @throws Error infra  when it cannot be reached or does not let us in; without the password.
[[nodiscard]] std::unique_ptr<soci::session> connect(const StoreUrl& url, ports::OpenMode mode,
                                                     const Credentials& credentials);

} // namespace lab::adapters
