// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lab::plan {

/// How a machine is reached by SSH; what is empty is up to the user's ssh configuration.
struct SshAddress {
    std::string host; ///< name, address, or a Host of the ssh configuration
    std::string user = {};
    std::optional<unsigned> port = {};
    std::filesystem::path key = {};

    bool operator==(const SshAddress&) const = default;
};

/// Whether a text may be a host or a user: never one that ssh takes for an option.
[[nodiscard]] bool is_ssh_word(std::string_view text);

/// What is_ssh_word allows, for error messages.
inline constexpr const char* ssh_word_rule =
    "1 to 253 of A-Z, a-z, 0-9 and ._:%-, the first a letter, a digit or _";

/// "root@box:2222", without what is not said.
[[nodiscard]] std::string to_string(const SshAddress& address);

} // namespace lab::plan
