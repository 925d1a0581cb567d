// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace soci {
class session;
}

namespace lab::adapters {

/// Version of the schema this program reads and writes.
inline constexpr int schema_version = 1;

/// Brings a fresh database to schema_version.
/// @throws Error conflict  when the database has a newer version.
void prepare_schema(soci::session& sql);

} // namespace lab::adapters
