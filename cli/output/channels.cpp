// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/output/lists.h"

#include "api/codec.h"

namespace lab::cli {
namespace {

/// "key=value" of everything that is no secret, and where each secret is kept.
std::string details_of(const plan::Channel& channel) {
    std::string text;
    const auto add = [&](const std::string& part) {
        text += (text.empty() ? "" : " ") + part;
    };
    for (const auto& [key, secret] : channel.secrets) {
        add(key + "=" + to_string(secret));
    }
    for (const auto& [key, value] : channel.settings) {
        add(key + "=" + value);
    }
    if (!channel.words.empty()) {
        add(shell_join(channel.words));
    }
    if (channel.reach == plan::Reach::any_host) {
        add("allow_private=true");
    }
    return text;
}

const char* word_for(notify::Fate fate) {
    switch (fate) {
    case notify::Fate::delivered:
        return "delivered";
    case notify::Fate::retry:
        return "failed";
    case notify::Fate::refused:
        return "refused";
    }
    return "";
}

nlohmann::json rule_json(const plan::NotifyRule& rule) {
    nlohmann::json json{{"when", nlohmann::json::array()},
                        {"min_duration_ms", rule.min_duration.count()},
                        {"kinds", nlohmann::json::array()},
                        {"to", rule.to}};
    for (const auto event : rule.when) {
        json["when"].push_back(to_string(event));
    }
    for (const auto kind : rule.kinds) {
        json["kinds"].push_back(to_string(kind));
    }
    return json;
}

nlohmann::json channel_json(const plan::Channel& channel) {
    nlohmann::json json{{"type", to_string(channel.type)},
                        {"allow_private", channel.reach == plan::Reach::any_host}};
    for (const auto& [key, secret] : channel.secrets) {
        json[key] = to_string(secret);
    }
    for (const auto& [key, value] : channel.settings) {
        json[key] = value;
    }
    if (!channel.words.empty()) {
        json[channel.type == plan::ChannelType::exec ? "command" : "to"] = channel.words;
    }
    return json;
}

} // namespace

nlohmann::json notifications_json(const plan::Notifications& notifications) {
    nlohmann::json json{{"channels", nlohmann::json::object()}, {"rules", nlohmann::json::array()}};
    for (const auto& [name, channel] : notifications.channels) {
        json["channels"][name] = channel_json(channel);
    }
    for (const auto& rule : notifications.rules) {
        json["rules"].push_back(rule_json(rule));
    }
    return json;
}

Document channels_document(const plan::Notifications& notifications) {
    Document document{nlohmann::json::array(), {{"CHANNEL", "TYPE", "DETAILS"}, {}}, {}};
    for (const auto& [name, channel] : notifications.channels) {
        document.data.push_back(channel_json(channel));
        document.data.back()["channel"] = name;
        document.table.rows.push_back({name, to_string(channel.type), details_of(channel)});
        document.ids.push_back(name);
    }
    return document;
}

Document letters_document(const std::vector<api::Letter>& letters) {
    Document document{nlohmann::json::array(),
                      {{"MESSAGE", "CHANNEL", "STATE", "TRIES", "TITLE", "WHY"}, {}},
                      {}};
    for (const auto& letter : letters) {
        document.data.push_back(letter);
        document.table.rows.push_back({letter.id, letter.channel, letter.state,
                                       std::to_string(letter.attempts), cap(letter.title, 60),
                                       letter.reason});
        document.ids.push_back(letter.id);
    }
    return document;
}

Document sent_document(const std::vector<Sent>& sent) {
    Document document{nlohmann::json::array(), {{"CHANNEL", "RESULT", "WHY"}, {}}, {}};
    for (const auto& each : sent) {
        document.data.push_back(
            {{"channel", each.channel}, {"result", word_for(each.fate)}, {"why", each.reason}});
        document.table.rows.push_back({each.channel, word_for(each.fate), each.reason});
        document.ids.push_back(each.channel);
    }
    return document;
}

} // namespace lab::cli
