// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/dialect.h"

#include "adapters/results/sql_error.h"
#include "base/error.h"

#include <cctype>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <utility>
#include <vector>

// Their own headers want those of the servers' client libraries, which are not needed otherwise.
extern "C" {
const soci::backend_factory* factory_mysql();
const soci::backend_factory* factory_postgresql();
}

namespace lab::adapters {
namespace {

/// Debian's bundle of the authorities that it trusts.
constexpr const char* system_certificates = "/etc/ssl/certs/ca-certificates.crt";

/// A value in the quotes that SOCI's backend for MySQL understands.
std::string quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        out += c == '\'' || c == '\\' ? "\\" : "";
        out += c;
    }
    return out + "'";
}

/// A value of a URI.
std::string percent_encoded(const std::string& value) {
    static constexpr const char* digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return out;
}

std::string sqlite_text(const StoreUrl& url, ports::OpenMode mode) {
    if (url.path.string().find('"') != std::string::npos) {
        throw Error(ErrorCode::bad_input, url.text() + ": its path must not hold a double quote");
    }
    return "dbname=\"" + url.path.string() + "\" timeout=60" +
           (mode == ports::OpenMode::read ? " readonly=true" : "");
}

using Options = std::vector<std::pair<const char*, std::string>>;

std::string ca_of(const StoreUrl& url) {
    return url.ca.empty() ? system_certificates : url.ca.string();
}

/// SOCI hands a host through, but has no word for "only with TLS": with `sslca` alone MariaDB's
/// library still speaks without it to a server that offers none. The library reads options out of
/// a host that holds a semicolon; one that does not finds no such host.
std::string mysql_host(const StoreUrl& url) {
    return url.needs_tls() ? "host=" + url.host + ";ssl-verify-server-cert=1" : url.host;
}

std::string mysql_text(const StoreUrl& url, const Credentials& credentials) {
    std::string text;
    for (const auto& [name, value] : Options{{"dbname", url.database},
                                             {"user", credentials.user},
                                             {"password", credentials.password.value_or("")},
                                             {"host", mysql_host(url)},
                                             {"sslca", url.needs_tls() ? ca_of(url) : ""},
                                             {"port", url.port ? std::to_string(*url.port) : ""},
                                             {"unix_socket", url.socket},
                                             {"connect_timeout", "10"},
                                             {"charset", "utf8mb4"}}) {
        if (!value.empty()) {
            text += std::string(text.empty() ? "" : " ") + name + "=" + quoted(value);
        }
    }
    return text;
}

/// A URI, because SOCI tears values with several spaces apart.
std::string postgresql_text(const StoreUrl& url, const Credentials& credentials) {
    // An empty hostaddr keeps PGHOSTADDR from leading a host that was judged to another address.
    std::string text =
        "postgresql:///" + percent_encoded(url.database) + "?application_name=lab&hostaddr=";
    if (url.needs_tls()) {
        text +=
            "&gssencmode=disable&sslmode=verify-full&sslrootcert=" + percent_encoded(ca_of(url));
    } else if (url.tls == Tls::never) {
        text += "&sslmode=disable";
    }
    for (const auto& [name, value] : Options{{"user", credentials.user},
                                             {"password", credentials.password.value_or("")},
                                             {"host", url.socket.empty() ? url.host : url.socket},
                                             {"port", url.port ? std::to_string(*url.port) : ""},
                                             {"connect_timeout", "10"},
                                             {"client_encoding", "UTF8"}}) {
        text += value.empty() ? "" : std::string("&") + name + "=" + percent_encoded(value);
    }
    return text;
}

std::string connection_text(const StoreUrl& url, ports::OpenMode mode,
                            const Credentials& credentials) {
    if (url.kind == StoreKind::sqlite) {
        return sqlite_text(url, mode);
    }
    return url.kind == StoreKind::mysql ? mysql_text(url, credentials)
                                        : postgresql_text(url, credentials);
}

} // namespace

const char* Dialect::type_of(CellType type) const {
    static constexpr const char* sqlite[] = {"text", "text", "integer", "real"};
    static constexpr const char* mysql[] = {
        "varchar(200) character set utf8mb4 collate utf8mb4_bin",
        "longtext character set utf8mb4 collate utf8mb4_bin", "bigint", "double"};
    static constexpr const char* postgresql[] = {"text", "text", "bigint", "double precision"};
    const auto index = static_cast<std::size_t>(type);
    if (kind == StoreKind::sqlite) {
        return sqlite[index];
    }
    return kind == StoreKind::mysql ? mysql[index] : postgresql[index];
}

std::string Dialect::create_table(const Table& table) const {
    std::string text = "create table if not exists " + table.name + " (";
    std::string key;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const auto& column = table.columns[i];
        const bool is_text = column.type == CellType::id || column.type == CellType::text;
        const bool not_null = is_text || i < table.key;
        text += column.name + " " + type_of(column.type) + (not_null ? " not null, " : ", ");
        key += i < table.key ? (key.empty() ? "" : ", ") + column.name : "";
    }
    text += "primary key (" + key + "))";
    return kind == StoreKind::mysql ? text + " engine = innodb" : text;
}

std::string Dialect::add_column(const Table& table, const Column& column) const {
    const bool is_text = column.type == CellType::id || column.type == CellType::text;
    // A migration of MySQL that was cut short is carried on; the others roll it back.
    return "alter table " + table.name + " add column " +
           (kind == StoreKind::mysql ? "if not exists " : "") + column.name + " " +
           type_of(column.type) + (is_text ? " not null default ''" : "");
}

std::string Dialect::insert(const Table& table, std::size_t columns) const {
    std::string names;
    std::string values;
    for (std::size_t i = 0; i < columns; ++i) {
        names += (i == 0 ? "" : ", ") + table.columns[i].name;
        values += (i == 0 ? ":" : ", :") + table.columns[i].name;
    }
    const bool is_mysql = kind == StoreKind::mysql;
    return std::string(is_mysql ? "insert ignore into " : "insert into ") + table.name + " (" +
           names + ") values (" + values + ")" + (is_mysql ? "" : " on conflict do nothing");
}

const char* Dialect::count_tables() const {
    if (kind == StoreKind::sqlite) {
        return "select count(*) from sqlite_master where type = 'table' and name = :name";
    }
    return kind == StoreKind::mysql ? "select count(*) from information_schema.tables where"
                                      " table_schema = database() and table_name = :name"
                                    : "select count(*) from information_schema.tables where"
                                      " table_schema = current_schema() and table_name = :name";
}

const char* Dialect::begin_read() const {
    if (kind == StoreKind::sqlite) {
        return "begin";
    }
    return kind == StoreKind::mysql ? "start transaction with consistent snapshot"
                                    : "begin isolation level repeatable read read only";
}

const char* Dialect::begin_write() const {
    if (kind == StoreKind::sqlite) {
        return "begin immediate";
    }
    return kind == StoreKind::mysql ? "start transaction" : "begin";
}

const char* Dialect::take_writers_lock() const {
    if (kind == StoreKind::sqlite) {
        return "";
    }
    // The number is "lab" in ASCII; the lock of PostgreSQL belongs to the database, MySQL's to the
    // server, so its name holds the database's.
    return kind == StoreKind::mysql
               ? "select coalesce(get_lock(concat('lab ', left(sha1(database()), 40)), 60), 0)"
               : "select 1 from (select pg_advisory_xact_lock(7102818)) as taken";
}

const char* Dialect::release_writers_lock() const {
    return kind == StoreKind::mysql
               ? "select coalesce(release_lock(concat('lab ', left(sha1(database()), 40))), 0)"
               : "";
}

const char* Dialect::backup_program() const {
    return kind == StoreKind::mysql ? "mariadb-dump --single-transaction" : "pg_dump";
}

std::unique_ptr<soci::session> connect(const StoreUrl& url, ports::OpenMode mode,
                                       const Credentials& credentials) {
    const auto& factory = url.kind == StoreKind::mysql        ? *factory_mysql()
                          : url.kind == StoreKind::postgresql ? *factory_postgresql()
                                                              : soci::sqlite3;
    const auto text = connection_text(url, mode, credentials);
    try {
        return std::make_unique<soci::session>(factory, text);
    } catch (const soci::soci_error& error) {
        throw connect_error(url, credentials, error);
    }
}

} // namespace lab::adapters
