// SPDX-License-Identifier: Apache-2.0
#include "plan/notifications.h"

#include <algorithm>

namespace lab::plan {
namespace {

constexpr std::array kind_words{"command", "create", "build", "install", "test", "bisect", "plan"};

template <class Value>
bool holds(const std::vector<Value>& list, const Value& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool chooses(const NotifyRule& rule, const Occasion& occasion) {
    return (rule.kinds.empty() || holds(rule.kinds, occasion.kind)) &&
           occasion.duration >= rule.min_duration &&
           std::any_of(occasion.events.begin(), occasion.events.end(),
                       [&](NotifyEvent event) { return holds(rule.when, event); });
}

} // namespace

const char* to_string(ChannelType type) noexcept {
    return channel_types[static_cast<std::size_t>(type)].first;
}

std::string to_string(const SecretRef& secret) {
    switch (secret.place) {
    case SecretPlace::file:
        return "${file:" + secret.name + "}";
    case SecretPlace::environment:
        return "${env:" + secret.name + "}";
    case SecretPlace::credential:
        return "${credential:" + secret.name + "}";
    }
    return {};
}

const char* to_string(NotifyEvent event) noexcept {
    static constexpr std::array words{"started",         "verdict", "finished",   "failed",
                                      "cancelled",       "found",   "no-culprit", "inconclusive",
                                      "sut-quarantined", "disk-low"};
    return words[static_cast<std::size_t>(event)];
}

const char* to_string(NotifyKind kind) noexcept {
    return kind_words[static_cast<std::size_t>(kind)];
}

std::optional<NotifyKind> notify_kind_from(const std::string& word) noexcept {
    const auto* const found = std::find(kind_words.begin(), kind_words.end(), word);
    return found == kind_words.end()
               ? std::nullopt
               : std::optional(static_cast<NotifyKind>(found - kind_words.begin()));
}

std::vector<std::string> channels_for(const Notifications& notifications,
                                      const Occasion& occasion) {
    std::vector<std::string> names;
    for (const auto& rule : notifications.rules) {
        if (chooses(rule, occasion)) {
            std::copy_if(rule.to.begin(), rule.to.end(), std::back_inserter(names),
                         [&](const std::string& name) { return !holds(names, name); });
        }
    }
    return names;
}

std::vector<std::string> names_of_channels(const Notifications& notifications) {
    std::vector<std::string> names;
    std::transform(notifications.channels.begin(), notifications.channels.end(),
                   std::back_inserter(names), [](const auto& entry) { return entry.first; });
    return names;
}

} // namespace lab::plan
