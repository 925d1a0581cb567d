// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/passwords.h"
#include "base/error.h"

#include <string>
#include <string_view>

namespace soci {
class soci_error;
}

/// The one place where SOCI's exceptions become Errors. A statement's text and its values are in
/// none of them: an Error may end in a log, a terminal or somebody's chat.
namespace lab::adapters {

/// A connection that could not be made.
[[nodiscard]] Error connect_error(const StoreUrl& url, const Credentials& credentials,
                                  const soci::soci_error& error);

/// A statement that failed.
[[nodiscard]] Error statement_error(const StoreUrl& url, const soci::soci_error& error);

/// What a server says without what it quotes: from the first quote to the last one of the first
/// line, for a value may itself hold quotes; of a message that is not English, from the first byte
/// that is not ASCII. Further lines (PostgreSQL's DETAIL and LINE) repeat values and SQL.
[[nodiscard]] std::string without_quoted(std::string_view message);

} // namespace lab::adapters
