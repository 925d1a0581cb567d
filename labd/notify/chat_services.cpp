// SPDX-License-Identifier: Apache-2.0
// Services of chats: a title, and a text as it is.
#include "notify/fit.h"
#include "notify/services.h"

#include <algorithm>

namespace lab::notify {
namespace {

constexpr Limit title_limit{Unit::utf16, 200};

/// Slack takes 40,000 characters and asks for at most 4,000; an escape takes up to five.
constexpr Limit slack_limit{Unit::utf16, 3500};

std::string slack_text(const Message& message) {
    auto text = fit(message.title, title_limit, escape_slack);
    if (!message.text.empty()) {
        text += "\n" + fit(message.text, slack_limit, escape_slack);
    }
    return message.link.empty() ? text : text + "\n" + fit(message.link, title_limit, escape_slack);
}

/// Bold title, text in a fenced block, link below it.
std::string fenced_text(const Message& message, std::size_t limit) {
    auto text = "**" + fit(message.title, title_limit, escape_markdown) + "**";
    const auto link = message.link.empty() ? "" : "\n" + fit(message.link, title_limit);
    if (!message.text.empty()) {
        const auto taken = length_of(text + link, Unit::utf16) + 10;
        text +=
            "\n```\n" + fit(message.text, {Unit::utf16, limit - taken}, escape_fenced) + "\n```";
    }
    return text + link;
}

/// A line break of a text block is an empty line.
std::string escape_card(std::string_view character) {
    return character == "\n" ? "\n\n" : escape_markdown(character);
}

} // namespace

HttpRequest to_slack(const Target& target, const Message& message) {
    return json_request(target.secret("url"), {{"text", slack_text(message)}, {"mrkdwn", false}});
}

HttpRequest to_slack_bot(const Target& target, const Message& message) {
    nlohmann::json body{{"channel", target.setting("channel")},
                        {"text", slack_text(message)},
                        {"parse", "none"},
                        {"link_names", false}};
    const auto slash = message.stands.find('/');
    const bool changes = slash != std::string::npos;
    if (changes) { // the name of a channel that it was posted to by, is not taken for a change
        body["channel"] = message.stands.substr(0, slash);
        body["ts"] = message.stands.substr(slash + 1);
    } else {
        body["mrkdwn"] = false;
        body["unfurl_links"] = false;
    }
    auto request = json_request(target.server("https://slack.com") +
                                    (changes ? "/api/chat.update" : "/api/chat.postMessage"),
                                body);
    request.headers.emplace_back("Authorization", "Bearer " + target.secret("token"));
    return request;
}

HttpRequest to_discord(const Target& target, const Message& message) {
    const auto url = target.secret("url");
    const auto query = std::min(url.find('?'), url.size());
    const nlohmann::json body{{"content", fenced_text(message, 2000)},
                              {"allowed_mentions", {{"parse", nlohmann::json::array()}}}};
    if (message.stands.empty()) {
        return json_request(url + (query < url.size() ? "&" : "?") + "wait=true", body);
    }
    auto request = json_request(url.substr(0, query) + "/messages/" + path_segment(message.stands) +
                                    url.substr(query),
                                body);
    request.method = "PATCH";
    return request;
}

HttpRequest to_mattermost(const Target& target, const Message& message) {
    return json_request(target.secret("url"), {{"text", fenced_text(message, 4000)}});
}

HttpRequest to_teams(const Target& target, const Message& message) {
    auto blocks = nlohmann::json::array();
    const auto add = [&](const std::string& text, const char* weight) {
        blocks.push_back(
            {{"type", "TextBlock"}, {"text", text}, {"weight", weight}, {"wrap", true}});
    };
    add(fit(message.title, title_limit, escape_markdown), "Bolder");
    if (!message.text.empty()) {
        // The whole card may have 28 KB.
        add(fit(message.text, {Unit::bytes, 16000}, escape_card), "Default");
    }
    nlohmann::json card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                        {"type", "AdaptiveCard"},
                        {"version", "1.2"},
                        {"body", blocks}};
    if (!message.link.empty()) {
        card["actions"] = {{{"type", "Action.OpenUrl"}, {"title", "Open"}, {"url", message.link}}};
    }
    return json_request(
        target.secret("url"),
        {{"type", "message"},
         {"attachments",
          {{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", card}}}}});
}

} // namespace lab::notify
