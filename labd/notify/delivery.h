// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notify/message.h"
#include "plan/notifications.h"

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lab::notify {

/// Values of a channel's secrets, by key.
using Secrets = std::map<std::string, std::string>;

struct HttpRequest {
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct MailRequest {
    std::string server; ///< smtp:// (TLS is started) or smtps://
    std::string user;   ///< empty: without logging in
    std::string password;
    std::string from;
    std::vector<std::string> to;
    std::string text; ///< RFC 5322, lines end with CR LF
};

/// A program of this host; secrets are never among its words.
struct ProgramRequest {
    std::vector<std::string> argv;
    std::string input; ///< its standard input
    /// Content of a file that only we may read, whose path is added as the last word; empty = none.
    std::string secret_file = {};
};

/// How a message leaves.
using Delivery = std::variant<HttpRequest, MailRequest, ProgramRequest>;

/// The form in which a channel takes a message: its body within the service's limits, with nobody
/// called by the text. Pure, thread-safe.
/// @param secrets  a value for each key of `channel.secrets`.
[[nodiscard]] Delivery make_delivery(const plan::Channel& channel, const Secrets& secrets,
                                     const Message& message);

/// What stands in for secrets where a delivery is shown: the scheme and host of a URL, and "***".
[[nodiscard]] Secrets masked(const Secrets& secrets);

/// A delivery as text for people. It shows what it was made from: use masked() secrets.
[[nodiscard]] std::string describe(const Delivery& delivery);

/// `text` with every appearance of a secret replaced, also as it is encoded in a URL or in JSON.
[[nodiscard]] std::string without_secrets(std::string text, const Secrets& secrets);

/// The message as an object for programs, at most 64 KiB of each text; also how it is stored.
[[nodiscard]] nlohmann::json event_object(const Message& message);

/// event_object() as text.
[[nodiscard]] std::string event_json(const Message& message);

/// Inverse of event_object(), but for the time, which is not read; members that are missing or of
/// another type stay empty.
[[nodiscard]] Message message_from_event(const nlohmann::json& event);

/// The message as a mail with a Message-ID that is the same for every attempt.
[[nodiscard]] std::string mail_text(const std::string& from, const std::vector<std::string>& to,
                                    const Message& message);

} // namespace lab::notify
