// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/schema.h"
#include "base/clock.h"

#include <optional>
#include <string>

namespace soci {
class session;
}

namespace lab::adapters {

/// Holds a connection to an SQLite file that may be somebody else's: an SQLite file is a program
/// as well. Views and triggers of the file do not run, its schema may call no function with side
/// effects, its tables cannot be damaged by SQL, and work ends at a deadline.
/// Not thread-safe; belongs to the thread that uses the connection.
class SqliteGuard {
public:
    /// @param longest  for the work between two calls of begin().
    SqliteGuard(soci::session& sql, Duration longest);
    SqliteGuard(const SqliteGuard&) = delete;
    SqliteGuard& operator=(const SqliteGuard&) = delete;
    ~SqliteGuard();

    /// The deadline begins anew.
    void begin() { deadline_ = Deadline::in(longest_); }

private:
    static int is_late(void* guard);

    soci::session& sql_;
    Duration longest_;
    Deadline deadline_;
};

/// What stands in the place of a schema's table and is none: "a view 'result'", "a trigger of
/// 'result'", "a virtual table 'result'"; the first one found.
[[nodiscard]] std::optional<std::string> not_a_table(soci::session& sql, const Schema& schema);

/// A column of a table where SQLite holds something else than the column's type: it keeps any value
/// in any column, and reads "1.9" as 1 and "x" as 0.
[[nodiscard]] std::optional<std::string> mistyped_column(soci::session& sql, const Table& table,
                                                         std::size_t columns);

} // namespace lab::adapters
