// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/files.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lab::test {

/// A real database server of the test's own: data, socket and log in a temporary directory; by
/// network it listens on a loopback address of its own, with and without TLS. It runs as `nobody`
/// when the test is root, and ends with the test.
class DatabaseServer {
public:
    DatabaseServer(const DatabaseServer&) = delete;
    DatabaseServer& operator=(const DatabaseServer&) = delete;
    virtual ~DatabaseServer();

    /// Starts the server and waits until it answers, a minute at most.
    void start();

    /// Ends it as a power cut does, and waits for its end.
    void kill();

    /// Makes an empty database; user `writer` may do everything in it, user `reader` only read.
    /// Both have the password `password`.
    [[nodiscard]] virtual std::string make_database() = 0;

    /// URL of a database for a user, without any password.
    [[nodiscard]] virtual std::string url(const std::string& user,
                                          const std::string& database) const = 0;

    /// Where it listens by TCP, for `writer` only.
    [[nodiscard]] std::string address() const;
    [[nodiscard]] virtual std::uint16_t port() const = 0;

    /// The certificate of its TLS, signed by itself, for the name `certified_host`.
    [[nodiscard]] std::filesystem::path certificate() const { return directory() / "cert.pem"; }

    /// Name of a database that is always there.
    [[nodiscard]] virtual std::string first_database() const = 0;

    /// Runs statements as the administrator.
    void administer(const std::string& database, const std::vector<std::string>& statements) const;

    /// A spelling of 127.0.0.1.
    static constexpr const char* certified_host = "127.1";
    static constexpr const char* password = "it's \\ \"secret\" %41 {x}";

protected:
    DatabaseServer();

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
    [[nodiscard]] std::filesystem::path key() const { return directory() / "key.pem"; }
    [[nodiscard]] std::string next_name() { return "lab" + std::to_string(++databases_); }

    /// Makes key and certificate.
    void make_certificate() const;

    /// Runs a program as the server is run, and waits for it.
    void run(const std::vector<std::string>& argv) const;

    [[nodiscard]] virtual std::vector<std::string> server_argv() const = 0;
    [[nodiscard]] virtual std::string administrator_url(const std::string& database) const = 0;

private:
    [[nodiscard]] pid_t launch(const std::vector<std::string>& argv) const;

    TemporaryDirectory directory_{"/tmp", "lab-db-"};
    int databases_ = 0;
    pid_t pid_ = -1;
};

/// MariaDB and PostgreSQL, started when first asked for; one of each a test program.
[[nodiscard]] DatabaseServer& mariadb();
[[nodiscard]] DatabaseServer& postgresql();

} // namespace lab::test
