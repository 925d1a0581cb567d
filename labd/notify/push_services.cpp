// SPDX-License-Identifier: Apache-2.0
// Services that reach a phone.
#include "notify/fit.h"
#include "notify/services.h"

#include <cstdlib>

namespace lab::notify {
namespace {

/// Of ntfy: 1 to 5, 3 is the default.
int ntfy_priority(Urgency urgency) {
    return urgency == Urgency::low ? 2 : urgency == Urgency::high ? 4 : 3;
}

/// Of Pushover: -2 to 2, 0 is the default; 2 would ask to be acknowledged.
int pushover_priority(Urgency urgency) {
    return urgency == Urgency::low ? -1 : urgency == Urgency::high ? 1 : 0;
}

/// Pushover and ntfy refuse or replace an empty text.
const std::string& text_or_title(const Message& message) {
    return message.text.empty() ? message.title : message.text;
}

} // namespace

HttpRequest to_telegram(const Target& target, const Message& message) {
    const auto title = fit(message.title, {Unit::utf16, 200}, escape_mentions);
    auto text = title;
    if (!message.text.empty()) {
        text += "\n" + fit(message.text, {Unit::utf16, 3500}, escape_mentions);
    }
    if (!message.link.empty()) {
        text += "\n" + fit(message.link, {Unit::utf16, 300});
    }
    nlohmann::json body{{"chat_id", target.setting("chat")},
                        {"text", text},
                        {"link_preview_options", {{"is_disabled", true}}}};
    const bool changes = !message.stands.empty();
    if (changes) {
        body["message_id"] = std::strtoll(message.stands.c_str(), nullptr, 10);
    } else {
        body["disable_notification"] = message.urgency == Urgency::low;
    }
    body["entities"] = {
        {{"type", "bold"}, {"offset", 0}, {"length", length_of(title, Unit::utf16)}}};
    return json_request(target.server("https://api.telegram.org") + "/bot" +
                            path_segment(target.secret("token")) +
                            (changes ? "/editMessageText" : "/sendMessage"),
                        body);
}

HttpRequest to_matrix(const Target& target, const Message& message) {
    auto text = fit(message.title, {Unit::bytes, 300});
    if (!message.text.empty()) { // twice in what replaces another one; an event may have 64 KiB
        text += "\n" + fit(message.text, {Unit::bytes, message.stands.empty() ? 32000U : 15000U});
    }
    if (!message.link.empty()) {
        text += "\n" + fit(message.link, {Unit::bytes, 1024});
    }
    // The empty "m.mentions" keeps @room and names in the text from calling anybody.
    nlohmann::json body{
        {"msgtype", "m.text"}, {"body", text}, {"m.mentions", nlohmann::json::object()}};
    if (!message.stands.empty()) {
        body["m.new_content"] = body;
        body["body"] = "* " + text; // for programs that do not know replacements
        body["m.relates_to"] = {{"rel_type", "m.replace"}, {"event_id", message.stands}};
    }
    auto request = json_request(target.server("") + "/_matrix/client/v3/rooms/" +
                                    path_segment(target.setting("room")) + "/send/m.room.message/" +
                                    path_segment(message.id),
                                body);
    request.method = "PUT";
    request.headers.emplace_back("Authorization", "Bearer " + target.secret("token"));
    return request;
}

HttpRequest to_ntfy(const Target& target, const Message& message) {
    nlohmann::json body{{"topic", target.secret("topic")},
                        {"title", fit(message.title, {Unit::bytes, 250})},
                        {"message", fit(text_or_title(message), {Unit::bytes, 4096})},
                        {"priority", ntfy_priority(message.urgency)}};
    if (!message.link.empty()) {
        body["click"] = message.link;
    }
    auto request = json_request(target.server("https://ntfy.sh") + "/", body);
    if (!message.series.empty()) {
        request.headers.emplace_back("X-Sequence-ID", message.series);
    }
    if (const auto token = target.secret("token"); !token.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + token);
    }
    return request;
}

HttpRequest to_pushover(const Target& target, const Message& message) {
    nlohmann::json body{{"token", target.secret("token")},
                        {"user", target.secret("user")},
                        {"title", fit(message.title, {Unit::utf16, 250})},
                        {"message", fit(text_or_title(message), {Unit::utf16, 1024})},
                        {"priority", pushover_priority(message.urgency)}};
    if (!message.link.empty() && message.link.size() <= 512) {
        body["url"] = message.link;
    }
    return json_request(target.server("https://api.pushover.net") + "/1/messages.json", body);
}

} // namespace lab::notify
