// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/dialect.h"
#include "adapters/results/sqlite_guard.h"
#include "adapters/results/table_access.h"

#include <map>
#include <memory>
#include <optional>

namespace soci {
class session;
}

namespace lab::adapters {

class SqlStatement;

/// Tables in SQLite, MySQL/MariaDB or PostgreSQL, by SOCI. Writers wait for each other. After an
/// infra Error the connection may be gone: open the store anew.
class SqlTables final : public TableAccess {
public:
    /// @throws Error as ports::ResultStores::open().
    SqlTables(StoreUrl url, ports::OpenMode mode, const Schema& schema,
              const Credentials& credentials);
    SqlTables(const SqlTables&) = delete;
    SqlTables& operator=(const SqlTables&) = delete;
    ~SqlTables() override;

    void write(const std::function<void()>& work) override;
    void read(const std::function<void()>& work) override;
    bool insert(const Table& table, const Row& row) override;
    void replace(const Table& table, const Row& row) override;
    [[nodiscard]] std::optional<Row> find(const Table& table, const Row& key) override;
    [[nodiscard]] std::vector<Row> rows(const Table& table,
                                        const std::optional<Selection>& selection) override;
    [[nodiscard]] std::string name() const override { return url_.text(); }

private:
    enum class Kind { insert, replace, find };

    void prepare(ports::OpenMode mode);
    void prepare_sqlite(ports::OpenMode mode);
    void begin_work();
    void create();
    void migrate(int from);
    void back_up(int from);
    [[nodiscard]] bool has_table(const std::string& table);
    /// 0: there is no store, or its making was cut short.
    [[nodiscard]] int stored_version();
    void transact(const std::function<void()>& work);
    void take_lock();
    void release_lock() noexcept;
    /// Number of columns that the stored schema has.
    [[nodiscard]] std::size_t width(const Table& table) const;
    [[nodiscard]] std::string select(const Table& table) const;
    SqlStatement& statement(Kind kind, const Table& table);

    StoreUrl url_;
    const Schema& schema_;
    Dialect dialect_;
    int version_ = 0;
    std::unique_ptr<soci::session> sql_;
    std::optional<SqliteGuard> guard_;
    std::map<std::pair<Kind, std::string>, std::unique_ptr<SqlStatement>> statements_;
};

} // namespace lab::adapters
