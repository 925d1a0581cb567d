// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/schema.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lab::adapters {

/// Rows whose cell in a column is one of some texts.
struct Selection {
    std::size_t column = 0;
    std::vector<std::string> values;
};

/// What every kind of store can do with tables; what it means is TableStore's business.
/// Not thread-safe. Failures are infra Errors.
class TableAccess {
public:
    virtual ~TableAccess() = default;

    /// Runs `work` while nobody else writes. What it inserts and replaces is durable when the call
    /// returns, and is not there when `work` throws.
    virtual void write(const std::function<void()>& work) = 0;

    /// Runs `work`, which only reads, on one state of all tables.
    virtual void read(const std::function<void()>& work) = 0;

    /// Inside write(): adds a row unless there is one with its key. Whether it was added.
    virtual bool insert(const Table& table, const Row& row) = 0;

    /// Inside write(): puts a row in the place of the one with its key.
    virtual void replace(const Table& table, const Row& row) = 0;

    /// Inside write(): the row with this key.
    [[nodiscard]] virtual std::optional<Row> find(const Table& table, const Row& key) = 0;

    /// Inside read(): rows in any order; all, or those of a selection.
    [[nodiscard]] virtual std::vector<Row> rows(const Table& table,
                                                const std::optional<Selection>& selection) = 0;

    /// The store's URL without any secret.
    [[nodiscard]] virtual std::string name() const = 0;
};

} // namespace lab::adapters
