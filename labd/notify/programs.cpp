// SPDX-License-Identifier: Apache-2.0
// The generic webhook, and channels that are programs of this host.
#include "base/sha256.h"
#include "base/text.h"
#include "notify/fit.h"
#include "notify/services.h"

#include <array>

namespace lab::notify {
namespace {

constexpr std::array<const char*, 3> urgencies{"low", "normal", "high"};

const char* to_string(Urgency urgency) {
    return urgencies[static_cast<std::size_t>(urgency)];
}

Urgency urgency_from(const std::string& word) {
    return word == urgencies[2]   ? Urgency::high
           : word == urgencies[0] ? Urgency::low
                                  : Urgency::normal;
}

} // namespace

nlohmann::json event_object(const Message& message) {
    constexpr std::size_t longest = 65536;
    return {{"version", 1},
            {"id", message.id},
            {"thread", message.thread},
            {"series", message.series},
            {"time", format_time(message.time)},
            {"host", to_valid_utf8(message.host)},
            {"title", cap(to_valid_utf8(message.title), longest)},
            {"text", cap(to_valid_utf8(message.text), longest)},
            {"link", to_valid_utf8(message.link)},
            {"urgency", to_string(message.urgency)},
            {"facts", message.facts}};
}

std::string event_json(const Message& message) {
    return json_text(event_object(message));
}

Message message_from_event(const nlohmann::json& event) {
    const auto text = [&](const char* key) {
        const auto found = event.find(key);
        return found != event.end() && found->is_string() ? found->get<std::string>()
                                                          : std::string();
    };
    Message message;
    message.id = text("id");
    message.thread = text("thread");
    message.series = text("series");
    message.title = text("title");
    message.text = text("text");
    message.link = text("link");
    message.urgency = urgency_from(text("urgency"));
    message.host = text("host");
    if (const auto facts = event.find("facts"); facts != event.end() && facts->is_object()) {
        message.facts = *facts;
    }
    return message;
}

HttpRequest to_webhook(const Target& target, const Message& message) {
    auto url = target.secret("url");
    HttpRequest request{"POST",
                        url.empty() ? target.setting("url") : std::move(url),
                        {{"Content-Type", "application/json"}, {"X-Lab-Event-Id", message.id}},
                        event_json(message)};
    if (const auto secret = target.secret("secret"); !secret.empty()) {
        request.headers.emplace_back("X-Lab-Signature-256",
                                     "sha256=" + hmac_sha256(secret, request.body));
    }
    return request;
}

ProgramRequest to_desktop(const Target&, const Message& message) {
    const auto* const urgency = message.urgency == Urgency::high  ? "critical"
                                : message.urgency == Urgency::low ? "low"
                                                                  : "normal";
    return {{"notify-send", "--app-name=lab", std::string("--urgency=") + urgency, "--",
             fit(message.title, {Unit::bytes, 250}),
             fit(message.text, {Unit::bytes, 1000}, escape_markup)},
            {}};
}

ProgramRequest to_exec(const Target& target, const Message& message) {
    return {target.channel.words, event_json(message) + "\n"};
}

ProgramRequest to_apprise(const Target& target, const Message& message) {
    const auto& text = message.text.empty() ? message.title : message.text;
    return {{"apprise", "--title=" + fit(message.title, {Unit::bytes, 250}), "--config"},
            fit(text, {Unit::bytes, 30000}),
            target.secret("url") + "\n"};
}

} // namespace lab::notify
