// SPDX-License-Identifier: Apache-2.0
#include "adapters/store/database.h"

#include <soci/sqlite3/soci-sqlite3.h>

namespace lab::adapters {
namespace {

void prepare(soci::session& sql, const Schema& schema) {
    int version = 0;
    sql << "pragma user_version", soci::into(version);
    if (version > schema.version) {
        throw Error(ErrorCode::conflict,
                    "database: schema " + std::to_string(version) + ", this labd knows " +
                        std::to_string(schema.version),
                    "use the newer lab that wrote it, or another LAB_HOME");
    }
    if (version == schema.version) {
        return;
    }
    soci::transaction transaction(sql);
    if (version == 0) {
        for (const auto* statement : schema.statements) {
            sql << statement;
        }
    } else {
        for (const auto& migration : schema.migrations) {
            if (migration.from >= version) {
                sql << migration.statement;
            }
        }
    }
    sql << "pragma user_version = " + std::to_string(schema.version);
    transaction.commit();
}

} // namespace

std::string reason_of(const soci::soci_error& error) {
    const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    return sqlite == nullptr ? error.get_error_message()
                             : sqlite_api::sqlite3_errstr(sqlite->result());
}

std::unique_ptr<soci::session> open_database(const std::filesystem::path& file,
                                             const Schema& schema) {
    if (file.string().find('"') != std::string::npos) {
        throw Error(ErrorCode::bad_input,
                    file.string() +
                        ": the path of the state directory must not hold a double quote");
    }
    return translated("open it", [&] {
        auto sql = std::make_unique<soci::session>(soci::sqlite3,
                                                   "dbname=\"" + file.string() + "\" timeout=10");
        std::string mode;
        *sql << "pragma journal_mode = wal", soci::into(mode);
        *sql << "pragma synchronous = full";
        *sql << "pragma foreign_keys = on";
        prepare(*sql, schema);
        return sql;
    });
}

} // namespace lab::adapters
