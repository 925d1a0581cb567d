// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// The tables of a result store, the same in every kind of store (docs/formats.md).
namespace lab::adapters {

/// What a column holds. Texts are never null; numbers may be.
enum class CellType { id, text, integer, real };

/// What happens when a known record comes again with another value in a column.
enum class OnChange {
    refuse,  ///< it is another thing under the same id
    keep,    ///< the first value stays
    complete ///< an empty one is filled in, another one is refused
};

struct Column {
    std::string name;
    CellType type = CellType::text;
    OnChange on_change = OnChange::refuse;
    int since = 1; ///< first schema version that has it
};

/// A column that holds the id of a row of another table.
struct Reference {
    std::size_t column;
    std::size_t table;        ///< index in Schema::tables, before this one
    std::size_t key_part = 0; ///< which column of that table's key
};

/// A table; its first `key` columns together are unique.
struct Table {
    std::string name;
    std::size_t key = 1;
    std::vector<Column> columns;
    std::vector<std::vector<Reference>> references = {}; ///< each names a whole key
};

struct Schema {
    int version = 1;
    std::vector<Table> tables; ///< what is referred to comes first
};

/// Where a table stands in Schema::tables.
enum TableIndex : std::size_t {
    sut_table,
    cpu_table,
    swprofile_table,
    benchmark_table,
    param_table,
    resultclass_table,
    session_table,
    result_table,
    error_table,
};

/// The schema that this program reads and writes.
[[nodiscard]] const Schema& current_schema();

/// Name of the one-row table with the schema's version.
inline constexpr const char* version_table = "result_schema";

/// A value of a row; monostate is a number that is not known.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

/// Cells in the order of the columns.
using Row = std::vector<Cell>;

/// The cells of a row that are its key.
[[nodiscard]] Row key_of(const Table& table, const Row& row);

} // namespace lab::adapters
