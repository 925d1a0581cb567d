// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <soci/soci.h>
#include <span>
#include <string>

namespace lab::adapters {

/// A statement on the way from one version of a database to the next.
struct Migration {
    int from;
    const char* statement;
};

/// Tables of a database, and the version that this program reads and writes.
struct Schema {
    int version;                                ///< from 1
    std::span<const char* const> statements;    ///< that make a fresh database
    std::span<const Migration> migrations = {}; ///< from each version before, in their order
};

/// Opens or creates an SQLite database in WAL mode with synchronous FULL, so what was stored
/// survives a power cut. An older one is brought to the schema's version, whole or not at all.
/// @throws Error bad_input  for a path that holds a double quote.
/// @throws Error conflict   when the database has a newer version.
/// @throws Error infra      when it cannot be opened or is damaged.
[[nodiscard]] std::unique_ptr<soci::session> open_database(const std::filesystem::path& file,
                                                           const Schema& schema);

/// Why a statement failed, in SQLite's fixed words for its kind of failure: what SOCI says besides
/// holds the statement and its values, and an Error may end in a log or a message to somebody.
[[nodiscard]] std::string reason_of(const soci::soci_error& error);

/// Runs database work; SOCI's exception becomes an infra Error that names what was being done.
template <class Work>
auto translated(const char* doing, Work&& work) {
    try {
        return work();
    } catch (const soci::soci_error& error) {
        throw Error(ErrorCode::infra,
                    std::string("database: cannot ") + doing + ": " + reason_of(error),
                    "check free space and permissions of the state directory");
    }
}

} // namespace lab::adapters
