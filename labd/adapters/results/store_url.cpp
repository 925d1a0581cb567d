// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/store_url.h"

#include "base/text.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace lab::adapters {
namespace {

constexpr const char* forms = "allowed: csv:///dir, sqlite:///file, mysql://user@host[:port]/db, "
                              "postgresql://user@host[:port]/db, or a directory";
constexpr const char* password_hint =
    "say ?password_file=FILE (mode 0600) or ?password_env=NAME, or use ~/.my.cnf or ~/.pgpass";

const char* scheme_of(StoreKind kind) {
    static constexpr const char* words[] = {"csv", "sqlite", "mysql", "postgresql"};
    return words[static_cast<std::size_t>(kind)];
}

std::optional<StoreKind> kind_from(std::string_view scheme) {
    for (const auto kind :
         {StoreKind::csv, StoreKind::sqlite, StoreKind::mysql, StoreKind::postgresql}) {
        if (scheme == scheme_of(kind)) {
            return kind;
        }
    }
    return scheme == "postgres" ? std::optional(StoreKind::postgresql) : std::nullopt;
}

bool is_scheme(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '-' || c == '.';
    });
}

int hex_digit(char c) {
    static constexpr std::string_view digits = "0123456789abcdef";
    const auto lower = static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
    const auto at = digits.find(lower);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// %XX decoded; nothing for a broken escape or a control character.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
            if (low < 0) {
                return std::nullopt;
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            return std::nullopt;
        }
        out += c;
    }
    return out;
}

/// What cannot mean anything else to a client library: MariaDB's takes "a;b=c" for options, "x://"
/// for a plugin and "a,b" for two hosts; PostgreSQL's a path for a directory of sockets.
bool is_host(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_' || c == ':' || c == '%';
    });
}

/// Whether packets to it never leave this host. Only the plain spellings count: what a resolver
/// would also take for loopback ("127.1", "0x7f000001") is treated as another host.
bool is_loopback(const std::string& host) {
    in_addr four{};
    if (::inet_pton(AF_INET, host.c_str(), &four) == 1) {
        return ntohl(four.s_addr) >> 24U == 127;
    }
    in6_addr six{};
    return host == "localhost" || (::inet_pton(AF_INET6, host.c_str(), &six) == 1 &&
                                   std::memcmp(&six, &in6addr_loopback, sizeof(six)) == 0);
}

/// Reads what stands behind "mysql://" or "postgresql://".
class ServerUrl {
public:
    explicit ServerUrl(StoreKind kind) { url_.kind = kind; }

    Parsed<StoreUrl> read(std::string_view text) {
        const auto mark = text.find('?');
        const auto place = text.substr(0, mark);
        const auto slash = place.find('/');
        authority(place.substr(0, slash));
        url_.database = slash == std::string_view::npos ? "" : part(place.substr(slash + 1));
        if (url_.database.empty() || url_.database.find('/') != std::string::npos) {
            problem("names no database (" + std::string(forms) + ")");
        }
        if (mark != std::string_view::npos) {
            for (const auto& option : split(text.substr(mark + 1), '&')) {
                read_option(option);
            }
        }
        check_options();
        for (auto& each : problems_) {
            each.where = url_.text();
        }
        return problems_.empty() ? Parsed<StoreUrl>(url_) : Parsed<StoreUrl>(Unexpected{problems_});
    }

private:
    void problem(const std::string& message, const std::string& hint = {}) {
        problems_.push_back({"", message, hint});
    }

    void check_options() {
        if (!url_.password_file.empty() && !url_.password_env.empty()) {
            problem("has password_file and password_env (allowed: one of them)");
        }
        const bool has_socket = !url_.socket.empty();
        if (has_socket && !url_.host.empty() && !is_loopback(url_.host)) {
            problem("has a socket and the name of another host (allowed: one of them)");
        }
        if (has_socket && (url_.tls != Tls::leaving_this_host || !url_.ca.empty())) {
            problem("has a socket and tls or ca (allowed: one of them; a socket stays on this "
                    "host)");
        }
        if (url_.tls == Tls::never && !url_.ca.empty()) {
            problem("has tls=disable and ca (allowed: one of them)");
        }
    }

    std::string part(std::string_view text) {
        const auto value = decoded(text);
        if (!value) {
            problem("holds a broken %XX or a control character");
        }
        return value.value_or("");
    }

    void authority(std::string_view text) {
        const auto at = text.rfind('@');
        if (at != std::string_view::npos) {
            const auto user = text.substr(0, at);
            const auto colon = user.find(':');
            url_.user = part(user.substr(0, colon));
            if (colon != std::string_view::npos) {
                problem("holds a password (allowed: only the user's name)", password_hint);
            }
            text.remove_prefix(at + 1);
        }
        const bool bracketed = text.starts_with('[');
        const auto end = bracketed ? text.find(']') : text.find(':');
        if (bracketed && end == std::string_view::npos) {
            problem("has no ']' behind its address");
            return;
        }
        url_.host = part(bracketed ? text.substr(1, end - 1) : text.substr(0, end));
        if (!is_host(url_.host)) {
            problem("has no name or address where its host stands", "say ?socket= for a socket");
            url_.host.clear();
        }
        const auto rest =
            end == std::string_view::npos ? "" : text.substr(end + (bracketed ? 1 : 0));
        if (!rest.empty()) {
            read_port(rest);
        }
    }

    void read_port(std::string_view text) {
        std::uint16_t port = 0;
        const auto* const end = text.data() + text.size();
        const auto result = std::from_chars(text.data() + 1, end, port);
        if (text.front() != ':' || result.ec != std::errc() || result.ptr != end || port == 0) {
            problem("has no port behind its host's name (allowed: 1 to 65535; a password has no "
                    "place in a URL)",
                    password_hint);
            return;
        }
        url_.port = port;
    }

    void read_option(const std::string& option) {
        const auto equal = option.find('=');
        const auto name = option.substr(0, equal);
        const auto value = equal == std::string::npos ? "" : part(option.substr(equal + 1));
        if (name == "socket") {
            url_.socket = value;
        } else if (name == "password_file") {
            url_.password_file = value;
        } else if (name == "password_env") {
            url_.password_env = value;
        } else if (name == "backup" && value == "done") {
            url_.backed_up = true;
        } else if (name == "tls" || name == "ca") {
            read_tls(name, value);
        } else if (name == "password" || name == "pass") {
            problem("holds a password (allowed: only the user's name)", password_hint);
        } else {
            problem("has an unknown option (allowed: socket, password_file, password_env, "
                    "tls=require, tls=disable, ca, backup=done)");
        }
    }

    void read_tls(const std::string& name, const std::string& value) {
        if (name == "tls" && (value == "require" || value == "disable")) {
            url_.tls = value == "require" ? Tls::always : Tls::never;
        } else if (name == "ca" && value.starts_with('/')) {
            url_.ca = value;
        } else {
            problem(name == "tls" ? "has an unknown tls (allowed: require, disable)"
                                  : "has no absolute path as ca (a file of certificates)");
        }
    }

    StoreUrl url_;
    Diagnostics problems_;
};

Unexpected<Diagnostics> refused(const std::string& where, const std::string& message) {
    return Unexpected{Diagnostics{{where, message}}};
}

} // namespace

std::string StoreUrl::text() const {
    std::string out = std::string(scheme_of(kind)) + "://";
    if (kind == StoreKind::csv || kind == StoreKind::sqlite) {
        return out + path.string();
    }
    out += user.empty() ? "" : user + "@";
    out += host.find(':') == std::string::npos ? host : "[" + host + "]";
    out += port ? ":" + std::to_string(*port) : "";
    return out + "/" + database;
}

bool StoreUrl::needs_tls() const {
    if (tls != Tls::leaving_this_host || !ca.empty()) {
        return tls != Tls::never;
    }
    // Without a host, PGHOST may name one; for a socket PostgreSQL's library asks for no TLS.
    const bool stays = host.empty() ? kind == StoreKind::mysql : is_loopback(host);
    return socket.empty() && !stays;
}

Parsed<StoreUrl> parse_store_url(const std::string& text) {
    const auto mark = text.find("://");
    const bool has_scheme = mark != std::string::npos && is_scheme(text.substr(0, mark));
    if (text.empty() || text.find('\0') != std::string::npos) {
        return refused("result store", std::string("is not named (") + forms + ")");
    }
    if (!has_scheme) {
        StoreUrl url;
        url.path = std::filesystem::absolute(text).lexically_normal();
        return url;
    }
    const auto scheme = text.substr(0, mark);
    const auto kind = kind_from(scheme);
    const auto rest = text.substr(mark + 3);
    if (!kind) {
        return refused("result store " + scheme + "://...",
                       std::string("is of no known kind (") + forms + ")");
    }
    if (*kind == StoreKind::mysql || *kind == StoreKind::postgresql) {
        return ServerUrl(*kind).read(rest);
    }
    if (!rest.starts_with('/') || rest == "/") {
        return refused(text, "has no absolute path behind its '//' (" + std::string(forms) + ")");
    }
    StoreUrl url;
    url.kind = *kind;
    url.path = std::filesystem::path(rest).lexically_normal();
    return url;
}

} // namespace lab::adapters
