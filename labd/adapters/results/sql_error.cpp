// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/sql_error.h"

#include "base/text.h"

#include <algorithm>
#include <cctype>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace lab::adapters {
namespace {

constexpr std::size_t longest_message = 400;

/// A library's message on one line; PostgreSQL's breaks them.
std::string one_line(const std::string& message) {
    auto line = escape_for_terminal(trim(message));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return cap(line, longest_message);
}

bool is_letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// SQLite has a fixed text for each code; what it says besides may come from the file's schema.
std::string reason_of(const soci::soci_error& error) {
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
        return sqlite_api::sqlite3_errstr(sqlite->result());
    }
    return one_line(without_quoted(error.get_error_message()));
}

} // namespace

std::string without_quoted(std::string_view message) {
    static constexpr std::string_view quotes = "'\"`";
    const auto line = message.substr(0, message.find_first_of("\r\n"));
    const auto may_quote = [&](std::size_t at) {
        return static_cast<unsigned char>(line[at]) >= 0x80 ||
               quotes.find(line[at]) != std::string_view::npos;
    };
    std::size_t first = 0;
    // The apostrophe of "Can't" begins no value.
    while (first < line.size() && (!may_quote(first) || (line[first] == '\'' && first > 0 &&
                                                         is_letter(line[first - 1])))) {
        ++first;
    }
    if (first == line.size()) {
        return std::string(line);
    }
    auto last = line.size() - 1;
    while (last > first && !may_quote(last)) {
        --last;
    }
    const auto rest = last == first ? std::string_view() : line.substr(last + 1);
    return std::string(line.substr(0, first)) + "'...'" + std::string(rest);
}

Error connect_error(const StoreUrl& url, const Credentials& credentials,
                    const soci::soci_error& error) {
    // The context that SOCI adds is left out: it may hold the connection text.
    const auto message = one_line(without_secret(error.get_error_message(), credentials));
    return Error(
        ErrorCode::infra, url.text() + ": cannot connect: " + message,
        url.needs_tls()
            ? "away from this host the server must offer TLS with a certificate for the host's name"
              " that ?ca=FILE or the system's authorities vouch for (?tls=disable on a network that"
              " you trust)"
            : "check that it runs, that the database exists, and the user's rights");
}

Error statement_error(const StoreUrl& url, const soci::soci_error& error) {
    return Error(ErrorCode::infra, url.text() + ": the database says: " + reason_of(error),
                 "check that it runs, its free space, and the user's rights");
}

} // namespace lab::adapters
