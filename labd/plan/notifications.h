// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lab::plan {

/// Services that a message can be sent by.
enum class ChannelType {
    slack,     ///< incoming webhook
    slack_bot, ///< chat.postMessage
    discord,
    telegram,
    matrix,
    ntfy,
    pushover,
    mattermost,
    rocketchat,
    teams,
    email,    ///< SMTP with TLS
    sendmail, ///< the host's own mail system
    desktop,  ///< notify-send
    webhook,  ///< JSON, signed when there is a secret
    exec,     ///< a program that reads JSON
    apprise,
};

/// Every type with its word in lab.yaml, in the order of the enumeration.
inline constexpr std::array<std::pair<const char*, ChannelType>, 16> channel_types{
    {{"slack", ChannelType::slack},
     {"slack-bot", ChannelType::slack_bot},
     {"discord", ChannelType::discord},
     {"telegram", ChannelType::telegram},
     {"matrix", ChannelType::matrix},
     {"ntfy", ChannelType::ntfy},
     {"pushover", ChannelType::pushover},
     {"mattermost", ChannelType::mattermost},
     {"rocketchat", ChannelType::rocketchat},
     {"teams", ChannelType::teams},
     {"email", ChannelType::email},
     {"sendmail", ChannelType::sendmail},
     {"desktop", ChannelType::desktop},
     {"webhook", ChannelType::webhook},
     {"exec", ChannelType::exec},
     {"apprise", ChannelType::apprise}}};

/// The word of a type, for example "slack-bot".
[[nodiscard]] const char* to_string(ChannelType type) noexcept;

/// Where a secret is kept.
enum class SecretPlace {
    file,        ///< first line of a file that nobody else may read
    environment, ///< variable of the process that sends
    credential,  ///< file of systemd's CREDENTIALS_DIRECTORY
};

/// A secret by the place where it is kept. Its value is never part of the configuration.
struct SecretRef {
    SecretPlace place = SecretPlace::file;
    std::string name; ///< absolute path, variable, or name of the credential

    friend bool operator==(const SecretRef&, const SecretRef&) = default;
};

/// As it may stand in lab.yaml, for example "${env:TOKEN}".
[[nodiscard]] std::string to_string(const SecretRef& secret);

/// Which addresses a channel may connect to.
enum class Reach {
    public_hosts, ///< neither loopback nor private networks, and only with TLS
    any_host,
};

/// A service with everything a message needs to get there. Which keys there are depends on the
/// type: see docs/formats.md.
struct Channel {
    std::string name;
    ChannelType type = ChannelType::desktop;
    std::map<std::string, SecretRef> secrets;    ///< by key
    std::map<std::string, std::string> settings; ///< by key; every optional one is there or absent
    std::vector<std::string> words;              ///< exec: argv; mail: the recipients
    Reach reach = Reach::public_hosts;
};

/// What can be told.
enum class NotifyEvent {
    started,
    verdict, ///< a commit of a bisection was judged
    finished,
    failed,
    cancelled,
    found,
    no_culprit,
    inconclusive,
    sut_quarantined, ///< a machine does not answer any more, and is not used until it is released
    disk_low,        ///< little space is left for images
};

/// The word of an event in lab.yaml, for example "no-culprit".
[[nodiscard]] const char* to_string(NotifyEvent event) noexcept;

/// What something is that events tell of.
enum class NotifyKind { command, create, build, install, test, bisect, plan };

[[nodiscard]] const char* to_string(NotifyKind kind) noexcept;

/// Inverse of to_string; nothing for what is never told of, for example "start".
[[nodiscard]] std::optional<NotifyKind> notify_kind_from(const std::string& word) noexcept;

/// Which events are told to whom.
struct NotifyRule {
    std::vector<NotifyEvent> when;
    Duration min_duration = Duration::zero(); ///< shorter work is not told
    std::vector<NotifyKind> kinds;            ///< empty = all
    std::vector<std::string> to;              ///< names of channels
};

/// `notify:` of lab.yaml.
struct Notifications {
    std::map<std::string, Channel> channels;
    std::vector<NotifyRule> rules;
};

/// Something that is told of.
struct Occasion {
    std::vector<NotifyEvent> events; ///< all that it is: a bisection that found is finished, too
    NotifyKind kind = NotifyKind::command;
    Duration duration = Duration::zero();
};

/// Names of the channels that the rules choose, each once, in the order of the rules.
/// Pure, thread-safe.
[[nodiscard]] std::vector<std::string> channels_for(const Notifications& notifications,
                                                    const Occasion& occasion);

/// Names of all channels.
[[nodiscard]] std::vector<std::string> names_of_channels(const Notifications& notifications);

} // namespace lab::plan
