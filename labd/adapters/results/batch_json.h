// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/rows.h"

#include <string>

namespace lab::adapters {

/// Rows as one line of JSON, `{"<table>":[[cells], ...], ...}`, with its line end. Numbers come
/// back bit for bit.
[[nodiscard]] std::string to_json_line(const TableRows& rows);

/// Inverse of to_json_line.
/// @param place  for messages, for example "spool.ndjson:3".
/// @throws Error conflict  for any other text: waiting for a store would not help.
[[nodiscard]] TableRows rows_from_json(const std::string& line, const std::string& place);

} // namespace lab::adapters
