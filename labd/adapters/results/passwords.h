// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/store_url.h"

#include <optional>
#include <string>

namespace lab::adapters {

/// Who connects to a server. The password is in no message.
struct Credentials {
    std::string user;                    ///< empty: the client library's own choice
    std::optional<std::string> password; ///< absent: the client library looks for one itself
};

/// The user of a URL and the password from where it says: the first line of a file that nobody else
/// may read, or an environment variable. Without either, for MySQL, user and password of the
/// section [client] in `option_file`; PostgreSQL's library reads ~/.pgpass itself.
/// @throws Error bad_input  for a file that others may read, or a variable that is not set.
/// @throws Error not_found  for a file that does not exist.
[[nodiscard]] Credentials find_credentials(const StoreUrl& url,
                                           const std::filesystem::path& option_file);

/// The text with every appearance of the password replaced.
[[nodiscard]] std::string without_secret(std::string text, const Credentials& credentials);

} // namespace lab::adapters
