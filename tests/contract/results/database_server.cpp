// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/results/database_server.h"

#include "adapters/results/dialect.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/process.h"

#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <soci/soci.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace lab::test {
namespace {

const char* escaped_password = R"(it''s \\ "secret" %41 {x})";

/// Who servers run as when the test is root; PostgreSQL refuses to run as root.
const passwd* other_user() {
    return ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr;
}

class MariaDb final : public DatabaseServer {
public:
    MariaDb() {
        make_certificate();
        run({"mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal",
             "--skip-test-db", "--datadir=" + data()});
        start();
        const std::string secret = escaped_password;
        administer(first_database(), {"create user writer@localhost identified by '" + secret + "'",
                                      "create user reader@localhost identified by '" + secret + "'",
                                      "create user writer@'127.%' identified by '" + secret + "'"});
    }

    std::string make_database() override {
        const auto name = next_name();
        administer(first_database(), {"create database " + name,
                                      "grant all privileges on " + name + ".* to writer@localhost",
                                      "grant all privileges on " + name + ".* to writer@'127.%'",
                                      "grant select on " + name + ".* to reader@localhost"});
        return name;
    }

    [[nodiscard]] std::string url(const std::string& user,
                                  const std::string& database) const override {
        return "mysql://" + user + "@localhost/" + database + "?socket=" + socket();
    }

    [[nodiscard]] std::uint16_t port() const override { return 3306; }
    [[nodiscard]] std::string first_database() const override { return "mysql"; }

private:
    [[nodiscard]] std::string data() const { return (directory() / "data").string(); }
    [[nodiscard]] std::string socket() const { return (directory() / "socket").string(); }

    [[nodiscard]] std::vector<std::string> server_argv() const override {
        const auto program = find_program("mariadbd").value_or("/usr/sbin/mariadbd");
        return {program.string(),
                "--no-defaults",
                "--datadir=" + data(),
                "--socket=" + socket(),
                "--bind-address=" + address(),
                "--port=" + std::to_string(port()),
                "--skip-name-resolve",
                "--ssl-cert=" + certificate().string(),
                "--ssl-key=" + key().string(),
                "--innodb-buffer-pool-size=16M",
                "--pid-file=" + data() + "/pid"};
    }

    [[nodiscard]] std::string administrator_url(const std::string& database) const override {
        return url("root", database);
    }
};

std::string postgresql_program(const std::string& name) {
    for (int version = 20; version > 9; --version) {
        const auto file = "/usr/lib/postgresql/" + std::to_string(version) + "/bin/" + name;
        if (std::filesystem::exists(file)) {
            return file;
        }
    }
    return name;
}

class PostgreSql final : public DatabaseServer {
public:
    PostgreSql() {
        make_certificate();
        run({postgresql_program("initdb"), "-A", "trust", "-U", "root", "-E", "UTF8", "--no-locale",
             "--no-sync", "-D", data()});
        write_file(data() + "/pg_hba.conf",
                   "local all root trust\nlocal all all scram-sha-256\n"
                   "host all writer 127.0.0.0/8 password\n",
                   FileAccess::everyone);
        start();
        const std::string secret = R"(it''s \ "secret" %41 {x})";
        administer(first_database(), {"create role writer login password '" + secret + "'",
                                      "create role reader login password '" + secret + "'"});
    }

    std::string make_database() override {
        const auto name = next_name();
        administer(first_database(), {"create database " + name + " owner writer"});
        administer(name, {"alter default privileges for role writer grant select on tables to "
                          "reader"});
        return name;
    }

    [[nodiscard]] std::string url(const std::string& user,
                                  const std::string& database) const override {
        return "postgresql://" + user + "@/" + database + "?socket=" + directory().string();
    }

    [[nodiscard]] std::uint16_t port() const override { return 5432; }
    [[nodiscard]] std::string first_database() const override { return "postgres"; }

private:
    [[nodiscard]] std::string data() const { return (directory() / "data").string(); }

    [[nodiscard]] std::vector<std::string> server_argv() const override {
        return {postgresql_program("postgres"),
                "-D",
                data(),
                "-k",
                directory().string(),
                "-c",
                "listen_addresses=" + address(),
                "-c",
                "port=" + std::to_string(port()),
                "-c",
                "ssl=on",
                "-c",
                "ssl_cert_file=" + certificate().string(),
                "-c",
                "ssl_key_file=" + key().string(),
                "-c",
                "fsync=off"};
    }

    [[nodiscard]] std::string administrator_url(const std::string& database) const override {
        return url("root", database);
    }
};

} // namespace

DatabaseServer::DatabaseServer() {
    const auto* entry = other_user();
    if (entry != nullptr && ::chown(directory().c_str(), entry->pw_uid, entry->pw_gid) != 0) {
        throw errno_error("give away", directory().string());
    }
}

std::string DatabaseServer::address() const {
    // All of 127.0.0.0/8 is this host: servers of tests that run at once do not meet.
    const auto id = static_cast<unsigned>(::getpid());
    return "127." + std::to_string(64 + (id >> 16U) % 64) + "." +
           std::to_string((id >> 8U) & 255U) + "." + std::to_string(id & 255U);
}

void DatabaseServer::make_certificate() const {
    run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=lab", "-addext", "subjectAltName=DNS:" + std::string(certified_host), "-keyout",
         key().string(), "-out", certificate().string()});
}

DatabaseServer::~DatabaseServer() {
    kill();
}

pid_t DatabaseServer::launch(const std::vector<std::string>& argv) const {
    std::vector<char*> words;
    for (const auto& word : argv) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    const auto log = directory() / "log";
    const auto* entry = other_user();
    const pid_t child = ::fork();
    if (child != 0) {
        return child;
    }
    const bool changed =
        entry == nullptr || (::setgroups(0, nullptr) == 0 && ::setgid(entry->pw_gid) == 0 &&
                             ::setuid(entry->pw_uid) == 0);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (changed && ::chdir("/") == 0) {
        ::execvp(words[0], words.data());
    }
    ::_exit(127);
}

void DatabaseServer::run(const std::vector<std::string>& argv) const {
    int status = 0;
    ::waitpid(launch(argv), &status, 0);
    if (status != 0) {
        throw Error(ErrorCode::infra, argv.front() + " failed: " + read_file(directory() / "log"));
    }
}

void DatabaseServer::start() {
    pid_ = launch(server_argv());
    const auto deadline = Deadline::in(std::chrono::minutes(1));
    for (;;) {
        try {
            administer(first_database(), {});
            return;
        } catch (const Error&) {
            if (deadline.passed()) {
                throw;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
}

void DatabaseServer::kill() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
}

void DatabaseServer::administer(const std::string& database,
                                const std::vector<std::string>& statements) const {
    const auto url = adapters::parse_store_url(administrator_url(database)).value();
    const auto sql = adapters::connect(url, ports::OpenMode::append, {url.user, std::nullopt});
    for (const auto& statement : statements) {
        soci::statement prepared(*sql);
        prepared.alloc();
        prepared.prepare(statement, soci::details::st_one_time_query);
        prepared.define_and_bind();
        prepared.execute(true);
    }
}

DatabaseServer& mariadb() {
    static MariaDb server;
    return server;
}

DatabaseServer& postgresql() {
    static PostgreSql server;
    return server;
}

} // namespace lab::test
