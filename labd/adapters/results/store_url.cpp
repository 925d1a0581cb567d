// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/store_url.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

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
        if (!url_.password_file.empty() && !url_.password_env.empty()) {
            problem("has password_file and password_env (allowed: one of them)");
        }
        for (auto& each : problems_) {
            each.where = url_.text();
        }
        return problems_.empty() ? Parsed<StoreUrl>(url_) : Parsed<StoreUrl>(Unexpected{problems_});
    }

private:
    void problem(const std::string& message, const std::string& hint = {}) {
        problems_.push_back({"", message, hint});
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
        } else if (name == "password" || name == "pass") {
            problem("holds a password (allowed: only the user's name)", password_hint);
        } else {
            problem("has an unknown option (allowed: socket, password_file, password_env, "
                    "backup=done)");
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
