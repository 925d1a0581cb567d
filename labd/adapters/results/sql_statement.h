// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/dialect.h"

#include <deque>
#include <memory>
#include <soci/soci.h>
#include <vector>

namespace lab::adapters {

/// A value that goes to or comes from a statement; it must not move while the statement lives.
struct SqlCell {
    CellType type = CellType::text;
    soci::indicator indicator = soci::i_ok;
    std::string text = {};
    long long integer = 0;
    double real = 0;

    void set(const Cell& cell);
    [[nodiscard]] Cell get() const;
};

/// A prepared statement whose values and result cells are typed by columns. Not thread-safe.
class SqlStatement {
public:
    /// @param used  columns that are bound, in the order they stand in `query`.
    /// @param read  columns that come back.
    SqlStatement(soci::session& sql, StoreKind kind, const std::string& query,
                 const std::vector<Column>& used, const std::vector<Column>& read);

    /// Runs it once with these values. Whether a row came back.
    bool run(const Row& values);

    /// The next row of the same run.
    bool next() { return statement_.fetch(); }

    /// The row that came back.
    [[nodiscard]] Row row() const;

    [[nodiscard]] long long affected() { return statement_.get_affected_rows(); }

private:
    void bind(SqlCell& cell, const Column& column, StoreKind kind);
    void expect(SqlCell& cell);

    std::deque<SqlCell> used_;
    std::deque<SqlCell> read_;
    soci::statement statement_;
};

} // namespace lab::adapters
