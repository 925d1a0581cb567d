// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/rows.h"
#include "adapters/results/table_access.h"
#include "ports/result_store.h"

#include <memory>
#include <mutex>
#include <set>

namespace lab::adapters {

/// A result store on tables of any kind: what is new, what is known, what contradicts, and what is
/// selected is decided here, once for all kinds. Thread-safe.
class TableStore final : public ports::ResultStore {
public:
    explicit TableStore(std::unique_ptr<TableAccess> tables) : tables_(std::move(tables)) {}

    std::size_t append(const ports::ResultBatch& batch) override;
    [[nodiscard]] ports::ResultBatch read(const ports::ResultFilter& filter) override;
    [[nodiscard]] std::string name() const override;

private:
    using Known = std::set<std::pair<const Table*, Row>>;

    bool put(const Table& table, const Row& row);
    void require_references(const Table& table, const Row& row, Known& known);
    std::vector<Row> sorted_rows(TableIndex table, const std::optional<Selection>& selection);
    std::optional<Selection> of_profiles(const TableRows& rows,
                                         const std::vector<std::string>& globs, TableIndex table);

    std::mutex mutex_;
    std::unique_ptr<TableAccess> tables_;
};

} // namespace lab::adapters
