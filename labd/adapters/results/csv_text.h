// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::adapters {

/// Complete records of a CSV text.
struct CsvRecords {
    std::vector<std::vector<std::string>> records;
    std::size_t complete = 0;       ///< bytes up to the end of the last complete record
    std::optional<std::size_t> bad; ///< number of the first record that is no CSV, from 1
};

/// One record by RFC 4180, with its CRLF. A field is quoted when it holds a comma, a quote, CR or
/// LF.
[[nodiscard]] std::string csv_record(const std::vector<std::string>& fields);

/// Inverse of csv_record for any number of records. A last record without its line end is left out:
/// it is what a crash leaves of one. LF alone ends a record as well. Pure.
[[nodiscard]] CsvRecords parse_csv(std::string_view text);

} // namespace lab::adapters
