// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"

#include <string>
#include <vector>

namespace lab::cli {

/// What `-o` selects.
enum class Format { table, json, yaml, csv, id };

/// Cells are foreign text: they are escaped when rendered.
struct Table {
    std::vector<std::string> headers;
    std::vector<std::vector<std::string>> rows;
};

/// One result, in all forms it can be printed in.
struct Document {
    nlohmann::json data;          ///< json and yaml
    Table table;                  ///< table and csv
    std::vector<std::string> ids; ///< id
    std::string before = {};      ///< text above the table; foreign bytes
    std::string after = {};       ///< text below it; foreign bytes
};

/// Who reads the output; a terminal must not see control bytes even inside JSON.
enum class Sink { terminal, other };

/// The text of a document in a format, ending with a newline unless empty. Pure.
[[nodiscard]] std::string render(const Document& document, Format format, Sink sink);

/// Columns two spaces apart, widths counted in characters; empty for a table without headers.
[[nodiscard]] std::string render_table(const Table& table);

/// RFC 4180 with a header line; for people and their spreadsheets: see docs/formats.md.
[[nodiscard]] std::string render_csv(const Table& table);

/// YAML 1.1/1.2 block form; strings are always double-quoted, so nothing becomes a bool or a
/// number.
[[nodiscard]] std::string to_yaml(const nlohmann::json& value);

} // namespace lab::cli
