// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/sql_statement.h"

#include "adapters/results/cell_text.h"

#include <cmath>

namespace lab::adapters {

void SqlCell::set(const Cell& cell) {
    indicator = cell.index() == 0 ? soci::i_null : soci::i_ok;
    if (const auto* value = std::get_if<std::int64_t>(&cell)) {
        integer = *value;
    } else if (const auto* number = std::get_if<double>(&cell)) {
        real = *number;
    }
    text = to_text(cell);
}

Cell SqlCell::get() const {
    if (type == CellType::id || type == CellType::text) {
        return indicator == soci::i_null ? std::string() : text;
    }
    if (indicator == soci::i_null) {
        return {};
    }
    if (type == CellType::real && !std::isfinite(real)) {
        throw soci::soci_error("a number is not finite");
    }
    return type == CellType::integer ? Cell(static_cast<std::int64_t>(integer)) : Cell(real);
}

SqlStatement::SqlStatement(soci::session& sql, StoreKind kind, const std::string& query,
                           const std::vector<Column>& used, const std::vector<Column>& read)
    : statement_(sql) {
    for (const auto& column : used) {
        bind(used_.emplace_back(SqlCell{column.type}), column, kind);
    }
    for (const auto& column : read) {
        expect(read_.emplace_back(SqlCell{column.type}));
    }
    statement_.alloc();
    statement_.prepare(query);
    statement_.define_and_bind();
}

void SqlStatement::bind(SqlCell& cell, const Column& column, StoreKind kind) {
    // The servers read a number's shortest text exactly; SOCI would write it as a decimal of 20
    // digits, which MySQL takes for another type. SQLite takes the bits.
    if (cell.type == CellType::real && kind == StoreKind::sqlite) {
        statement_.exchange(soci::use(cell.real, cell.indicator, column.name));
    } else if (cell.type == CellType::integer) {
        statement_.exchange(soci::use(cell.integer, cell.indicator, column.name));
    } else {
        statement_.exchange(soci::use(cell.text, cell.indicator, column.name));
    }
}

void SqlStatement::expect(SqlCell& cell) {
    if (cell.type == CellType::real) {
        statement_.exchange(soci::into(cell.real, cell.indicator));
    } else if (cell.type == CellType::integer) {
        statement_.exchange(soci::into(cell.integer, cell.indicator));
    } else {
        statement_.exchange(soci::into(cell.text, cell.indicator));
    }
}

bool SqlStatement::run(const Row& values) {
    for (std::size_t i = 0; i < used_.size(); ++i) {
        used_[i].set(values[i]);
    }
    return statement_.execute(true);
}

Row SqlStatement::row() const {
    Row row;
    row.reserve(read_.size());
    for (const auto& cell : read_) {
        row.push_back(cell.get());
    }
    return row;
}

} // namespace lab::adapters
