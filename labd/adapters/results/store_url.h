// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace lab::adapters {

enum class StoreKind { csv, sqlite, mysql, postgresql };

/// Whether the connection to a server must be encrypted, and the server prove who it is.
enum class Tls {
    leaving_this_host, ///< unless it goes through a unix socket or loopback
    always,
    never,
};

/// Where a result store is; holds no secret.
struct StoreUrl {
    StoreKind kind = StoreKind::csv;
    std::filesystem::path path; ///< of csv and sqlite
    std::string user;
    std::string host; ///< empty: localhost by its socket
    std::optional<std::uint16_t> port;
    std::string database;
    std::string socket;        ///< mysql: the socket; postgresql: the directory it is in
    std::string password_file; ///< file whose first line is the password
    std::string password_env;  ///< environment variable that holds it
    bool backed_up = false;    ///< ?backup=done: the user has a copy, so the schema may be changed
    Tls tls = Tls::leaving_this_host;
    std::filesystem::path ca; ///< certificates that vouch for the server; empty: the system's

    /// The URL without options; what messages show.
    [[nodiscard]] std::string text() const;

    /// Whether nothing may be said to the server before TLS has proved who it is.
    [[nodiscard]] bool needs_tls() const;
};

/// Reads `csv:///dir`, `sqlite:///file`, `mysql://user@host[:port]/db`,
/// `postgresql://user@host[:port]/db`, or a directory. The servers take `?socket=`,
/// `?password_file=`, `?password_env=`, `?backup=done`, `?tls=require|disable` and `?ca=`; %XX is
/// decoded in their parts.
///
/// A password in the URL is refused; no message repeats one. Pure.
[[nodiscard]] Parsed<StoreUrl> parse_store_url(const std::string& text);

} // namespace lab::adapters
