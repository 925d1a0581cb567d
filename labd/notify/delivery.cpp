// SPDX-License-Identifier: Apache-2.0
#include "notify/delivery.h"

#include "base/text.h"
#include "notify/services.h"

#include <algorithm>

namespace lab::notify {
namespace {

constexpr std::string_view mask = "***";

/// "https://host/***"; no more than the mask for what is no URL.
std::string masked_url(const std::string& url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string::npos) {
        return std::string(mask);
    }
    const auto authority = scheme_end + 3;
    const auto end = std::min(url.find_first_of("/?#", authority), url.size());
    if (url.find('@', authority) < end || !url.starts_with("http")) {
        return url.substr(0, authority).append(mask);
    }
    return url.substr(0, end) + "/" + std::string(mask);
}

std::string described(const HttpRequest& request) {
    std::string text = request.method + " " + request.url + "\n";
    for (const auto& [name, value] : request.headers) {
        text += name;
        // Signed with the mask, a signature says nothing.
        text += name == "X-Lab-Signature-256" ? ": sha256=***\n" : ": " + value + "\n";
    }
    return text + "\n" + request.body + "\n";
}

std::string described(const MailRequest& request) {
    const auto user = request.user.empty() ? "" : " as " + request.user;
    return request.server + user + "\nfrom " + request.from + " to " + join(request.to, ", ") +
           "\n\n" + request.text;
}

std::string described(const ProgramRequest& request) {
    auto words = request.argv;
    if (!request.secret_file.empty()) {
        words.emplace_back("FILE");
    }
    auto text = shell_join(words) + "\n";
    if (!request.secret_file.empty()) {
        text += "FILE: " + request.secret_file;
    }
    return request.input.empty() ? text : text + "\n" + request.input;
}

void replace_all(std::string& text, const std::string& secret) {
    for (auto at = text.find(secret); !secret.empty() && at != std::string::npos;
         at = text.find(secret, at + mask.size())) {
        text.replace(at, secret.size(), mask);
    }
}

} // namespace

std::string Target::server(const std::string& otherwise) const {
    auto url = setting("server", otherwise);
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url;
}

HttpRequest json_request(std::string url, const nlohmann::json& body) {
    return {"POST", std::move(url), {{"Content-Type", "application/json"}}, json_text(body)};
}

std::string path_segment(std::string_view word) {
    static constexpr std::string_view kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789-._~:*";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : word) {
        if (kept.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    return out;
}

Delivery make_delivery(const plan::Channel& channel, const Secrets& secrets,
                       const Message& message) {
    const Target target{channel, secrets};
    switch (channel.type) {
    case plan::ChannelType::slack:
        return to_slack(target, message);
    case plan::ChannelType::slack_bot:
        return to_slack_bot(target, message);
    case plan::ChannelType::discord:
        return to_discord(target, message);
    case plan::ChannelType::telegram:
        return to_telegram(target, message);
    case plan::ChannelType::matrix:
        return to_matrix(target, message);
    case plan::ChannelType::ntfy:
        return to_ntfy(target, message);
    case plan::ChannelType::pushover:
        return to_pushover(target, message);
    case plan::ChannelType::mattermost:
    case plan::ChannelType::rocketchat:
        return to_mattermost(target, message);
    case plan::ChannelType::teams:
        return to_teams(target, message);
    case plan::ChannelType::email:
        return to_email(target, message);
    case plan::ChannelType::sendmail:
        return to_sendmail(target, message);
    case plan::ChannelType::desktop:
        return to_desktop(target, message);
    case plan::ChannelType::webhook:
        return to_webhook(target, message);
    case plan::ChannelType::exec:
        return to_exec(target, message);
    case plan::ChannelType::apprise:
        return to_apprise(target, message);
    }
    return to_exec(target, message);
}

Secrets masked(const Secrets& secrets) {
    Secrets out;
    for (const auto& [key, value] : secrets) {
        out[key] = key == "url" ? masked_url(value) : std::string(mask);
    }
    return out;
}

std::string describe(const Delivery& delivery) {
    return std::visit([](const auto& each) { return described(each); }, delivery);
}

std::string without_secrets(std::string text, const Secrets& secrets) {
    for (const auto& [key, value] : secrets) {
        const auto json = json_text(nlohmann::json(to_valid_utf8(value)));
        replace_all(text, value);
        replace_all(text, path_segment(value));
        replace_all(text, json.substr(1, json.size() - 2));
        // Of a URL, path and query are the secret.
        const auto scheme = value.find("://");
        if (key == "url" && scheme != std::string::npos) {
            const auto path = value.find('/', scheme + 3);
            if (path != std::string::npos && value.size() - path > 4) {
                replace_all(text, value.substr(path));
            }
        }
    }
    return text;
}

} // namespace lab::notify
