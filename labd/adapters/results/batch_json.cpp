// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/batch_json.h"

#include "base/error.h"
#include "base/json.h"

namespace lab::adapters {
namespace {

using nlohmann::json;

json to_json(const Cell& cell) {
    return std::visit(
        [](const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
                return json();
            } else {
                return json(value);
            }
        },
        cell);
}

Cell cell_from(const json& value, CellType type) {
    if (value.is_null()) {
        return {};
    }
    switch (type) {
    case CellType::integer:
        return value.get<std::int64_t>();
    case CellType::real:
        return value.get<double>();
    case CellType::id:
    case CellType::text:
        break;
    }
    return value.get<std::string>();
}

Row row_from(const json& cells, const Table& table) {
    Row row;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        row.push_back(cell_from(cells.at(i), table.columns[i].type));
    }
    return row;
}

} // namespace

std::string to_json_line(const TableRows& rows) {
    json line = json::object();
    for (std::size_t index = 0; index < rows.size(); ++index) {
        for (const auto& row : rows[index]) {
            auto cells = json::array();
            for (const auto& cell : row) {
                cells.push_back(to_json(cell));
            }
            line[current_schema().tables[index].name].push_back(std::move(cells));
        }
    }
    return json_text(line) + "\n";
}

TableRows rows_from_json(const std::string& line, const std::string& place) {
    try {
        const auto object = json::parse(line);
        TableRows rows;
        for (std::size_t index = 0; index < rows.size(); ++index) {
            const auto& table = current_schema().tables[index];
            for (const auto& cells : object.value(table.name, json::array())) {
                rows[index].push_back(row_from(cells, table));
            }
        }
        return rows;
    } catch (const json::exception&) {
        throw Error(ErrorCode::conflict, place + ": is no batch of records",
                    "the file is damaged: move it away and look at it");
    }
}

} // namespace lab::adapters
