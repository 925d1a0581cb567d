// SPDX-License-Identifier: Apache-2.0
// The machines reached by SSH: SqliteStore as a SutStore.
#include "adapters/store/database.h"
#include "adapters/store/sqlite_store.h"
#include "base/json.h"

namespace lab::adapters {
namespace {

ports::Sut sut_from(const soci::row& row) {
    ports::Sut sut;
    sut.name = row.get<std::string>(0);
    sut.address.host = row.get<std::string>(1);
    sut.address.user = row.get<std::string>(2);
    if (row.get_indicator(3) != soci::i_null) {
        sut.address.port = static_cast<unsigned>(row.get<int>(3));
    }
    sut.address.key = row.get<std::string>(4);
    sut.host_key = row.get<std::string>(5);
    sut.fingerprint = row.get<std::string>(6);
    sut.power_cycle = nlohmann::json::parse(row.get<std::string>(7));
    sut.console = nlohmann::json::parse(row.get<std::string>(8));
    sut.boot_timeout = Duration(static_cast<Duration::rep>(row.get<double>(9) * 1000));
    sut.quarantine = row.get<std::string>(10);
    return sut;
}

} // namespace

void SqliteStore::put_sut(const ports::Sut& sut) {
    const std::lock_guard lock(mutex_);
    translated("store a machine", [&] {
        const int port = static_cast<int>(sut.address.port.value_or(0));
        auto port_indicator = sut.address.port ? soci::i_ok : soci::i_null;
        const std::string key = sut.address.key.string();
        const std::string power_cycle = json_text(nlohmann::json(sut.power_cycle));
        const std::string console = json_text(nlohmann::json(sut.console));
        const double boot_timeout = std::chrono::duration<double>(sut.boot_timeout).count();
        *sql_ << "insert or replace into sut (name, host, user, port, keyfile, host_key,"
                 " fingerprint, power_cycle, console, boot_timeout, quarantine)"
                 " values (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k)",
            soci::use(sut.name), soci::use(sut.address.host), soci::use(sut.address.user),
            soci::use(port, port_indicator), soci::use(key), soci::use(sut.host_key),
            soci::use(sut.fingerprint), soci::use(power_cycle), soci::use(console),
            soci::use(boot_timeout), soci::use(sut.quarantine);
    });
}

void SqliteStore::remove_sut(const std::string& name) {
    const std::lock_guard lock(mutex_);
    translated("remove a machine",
               [&] { *sql_ << "delete from sut where name = :name", soci::use(name); });
}

std::vector<ports::Sut> SqliteStore::suts() {
    const std::lock_guard lock(mutex_);
    return translated("read machines", [&] {
        std::vector<ports::Sut> suts;
        const soci::rowset<soci::row> rows =
            sql_->prepare << "select name, host, user, port, keyfile, host_key, fingerprint,"
                             " power_cycle, console, boot_timeout, quarantine from sut"
                             " order by name";
        for (const auto& row : rows) {
            suts.push_back(sut_from(row));
        }
        return suts;
    });
}

} // namespace lab::adapters
