// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notify/delivery.h"

/// One function a service; what they share is in delivery.h.
namespace lab::notify {

/// A channel with the values of its secrets.
struct Target {
    const plan::Channel& channel;
    const Secrets& secrets;

    [[nodiscard]] std::string secret(const std::string& key) const {
        const auto found = secrets.find(key);
        return found == secrets.end() ? std::string() : found->second;
    }

    [[nodiscard]] std::string setting(const std::string& key,
                                      const std::string& otherwise = {}) const {
        const auto found = channel.settings.find(key);
        return found == channel.settings.end() ? otherwise : found->second;
    }

    /// Base URL without a slash at its end.
    [[nodiscard]] std::string server(const std::string& otherwise) const;
};

/// A request with a JSON body.
[[nodiscard]] HttpRequest json_request(std::string url, const nlohmann::json& body);

/// A word as part of a URL's path: everything but unreserved characters as %XX.
[[nodiscard]] std::string path_segment(std::string_view word);

[[nodiscard]] HttpRequest to_slack(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_slack_bot(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_discord(const Target& target, const Message& message);
/// Mattermost and Rocket.Chat.
[[nodiscard]] HttpRequest to_mattermost(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_teams(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_telegram(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_matrix(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_ntfy(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_pushover(const Target& target, const Message& message);
[[nodiscard]] HttpRequest to_webhook(const Target& target, const Message& message);
[[nodiscard]] MailRequest to_email(const Target& target, const Message& message);
[[nodiscard]] ProgramRequest to_sendmail(const Target& target, const Message& message);
[[nodiscard]] ProgramRequest to_desktop(const Target& target, const Message& message);
[[nodiscard]] ProgramRequest to_exec(const Target& target, const Message& message);
[[nodiscard]] ProgramRequest to_apprise(const Target& target, const Message& message);

} // namespace lab::notify
