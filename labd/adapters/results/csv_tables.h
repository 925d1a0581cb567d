// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/table_access.h"
#include "base/handle.h"
#include "ports/result_store.h"

#include <filesystem>
#include <map>

namespace lab::adapters {

/// Tables as files `<table>.csv` of one directory (RFC 4180, with a header line).
///
/// Rows are only ever appended; of two with the same key the later one counts. Every append is one
/// write and is flushed before the call returns; what a crash left of a row is not read, and is cut
/// off by the next writer. The file `lock` keeps writers apart.
class CsvTables final : public TableAccess {
public:
    /// @throws Error as ports::ResultStores::open().
    CsvTables(std::filesystem::path directory, ports::OpenMode mode, const Schema& schema);

    void write(const std::function<void()>& work) override;
    void read(const std::function<void()>& work) override;
    bool insert(const Table& table, const Row& row) override;
    void replace(const Table& table, const Row& row) override;
    [[nodiscard]] std::optional<Row> find(const Table& table, const Row& key) override;
    [[nodiscard]] std::vector<Row> rows(const Table& table,
                                        const std::optional<Selection>& selection) override;
    [[nodiscard]] std::string name() const override { return "csv://" + directory_.string(); }

private:
    /// A table's file as far as it was read.
    struct Content {
        std::map<Row, Row> rows; ///< by key
        std::uintmax_t size = 0; ///< of the file when it was read
        std::uintmax_t complete = 0;
        std::map<Row, Row> staged;
        std::vector<Row> order; ///< keys of staged rows as they came
    };

    void create();
    void migrate(int from);
    void back_up(int from) const;
    [[nodiscard]] int stored_version() const;
    void refresh();
    void load(const Table& table, Content& content) const;
    void publish();
    void append(const Table& table, Content& content) const;
    [[nodiscard]] FileDescriptor lock(int kind) const;
    [[nodiscard]] std::filesystem::path file(const std::string& table) const;

    std::filesystem::path directory_;
    const Schema& schema_;
    std::map<std::string, Content> contents_;
};

} // namespace lab::adapters
