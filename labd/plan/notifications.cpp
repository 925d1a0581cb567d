// SPDX-License-Identifier: Apache-2.0
#include "plan/notifications.h"

#include <algorithm>

namespace lab::plan {
namespace {

bool chooses(const NotifyRule& rule, NotifyEvent event, NotifyKind kind, Duration duration) {
    const auto holds = [](const auto& list, auto value) {
        return std::find(list.begin(), list.end(), value) != list.end();
    };
    return holds(rule.when, event) && (rule.kinds.empty() || holds(rule.kinds, kind)) &&
           duration >= rule.min_duration;
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
    static constexpr std::array words{"started",      "finished",        "failed",
                                      "cancelled",    "found",           "no-culprit",
                                      "inconclusive", "sut-quarantined", "disk-low"};
    return words[static_cast<std::size_t>(event)];
}

const char* to_string(NotifyKind kind) noexcept {
    static constexpr std::array words{"command", "build", "install", "test", "bisect", "host"};
    return words[static_cast<std::size_t>(kind)];
}

std::vector<std::string> channels_for(const Notifications& notifications, NotifyEvent event,
                                      NotifyKind kind, Duration duration) {
    std::vector<std::string> names;
    if (notifications.rules.empty()) {
        std::transform(notifications.channels.begin(), notifications.channels.end(),
                       std::back_inserter(names), [](const auto& entry) { return entry.first; });
        return names;
    }
    for (const auto& rule : notifications.rules) {
        if (!chooses(rule, event, kind, duration)) {
            continue;
        }
        std::copy_if(rule.to.begin(), rule.to.end(), std::back_inserter(names),
                     [&](const std::string& name) {
                         return std::find(names.begin(), names.end(), name) == names.end();
                     });
    }
    return names;
}

} // namespace lab::plan
