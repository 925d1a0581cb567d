// SPDX-License-Identifier: Apache-2.0
#include "plan/notifications_config.h"

#include "base/text.h"
#include "plan/suggestion.h"

#include <algorithm>
#include <re2/re2.h>

namespace lab::plan {
namespace {

enum class KeyForm {
    secret,
    secret_or_url, ///< a URL may stand in the file when it is none
    url,           ///< http or https, without a query
    mail_server,   ///< smtp://host:port or smtps://host:port
    address,       ///< of mail
    line,
    path,
};

enum class Need { required, optional };

/// A key of a channel.
struct Key {
    const char* name;
    KeyForm form;
    Need need;
};

constexpr Key url_secret{"url", KeyForm::secret, Need::required};
constexpr Key token{"token", KeyForm::secret, Need::required};
constexpr Key server{"server", KeyForm::url, Need::optional};
constexpr Key ca_file{"ca_file", KeyForm::path, Need::optional};

std::vector<Key> keys_of(ChannelType type) {
    switch (type) {
    case ChannelType::slack:
    case ChannelType::discord:
    case ChannelType::mattermost:
    case ChannelType::rocketchat:
    case ChannelType::teams:
        return {url_secret, ca_file};
    case ChannelType::slack_bot:
        return {token, {"channel", KeyForm::line, Need::required}, server, ca_file};
    case ChannelType::telegram:
        return {token, {"chat", KeyForm::line, Need::required}, server, ca_file};
    case ChannelType::matrix:
        return {token,
                {"server", KeyForm::url, Need::required},
                {"room", KeyForm::line, Need::required},
                ca_file};
    case ChannelType::ntfy:
        return {{"topic", KeyForm::secret, Need::required},
                {"token", KeyForm::secret, Need::optional},
                server,
                ca_file};
    case ChannelType::pushover:
        return {token, {"user", KeyForm::secret, Need::required}, server, ca_file};
    case ChannelType::email:
        return {{"server", KeyForm::mail_server, Need::required},
                {"from", KeyForm::address, Need::required},
                {"user", KeyForm::line, Need::optional},
                {"password", KeyForm::secret, Need::optional},
                ca_file};
    case ChannelType::sendmail:
        return {{"from", KeyForm::address, Need::required}};
    case ChannelType::webhook:
        return {{"url", KeyForm::secret_or_url, Need::required},
                {"secret", KeyForm::secret, Need::optional},
                ca_file};
    case ChannelType::apprise:
        return {url_secret};
    case ChannelType::desktop:
    case ChannelType::exec:
        break;
    }
    return {};
}

bool connects(ChannelType type) {
    return type <= ChannelType::email || type == ChannelType::webhook;
}

template <class Enum>
Words<Enum> words_until(Enum last) {
    Words<Enum> words;
    for (int value = 0; value <= static_cast<int>(last); ++value) {
        words.emplace_back(to_string(static_cast<Enum>(value)), static_cast<Enum>(value));
    }
    return words;
}

class NotificationsReader {
public:
    explicit NotificationsReader(const std::filesystem::path& folder) : folder_(folder) {}

    Notifications read(const YamlField& field) {
        field.map([&](YamlMap& map) {
            for (const auto& [name, channel] : map.optional("channels").named()) {
                read_channel(name, channel);
            }
            for (const auto& rule : map.optional("rules").list(64)) {
                read_rule(rule);
            }
        });
        return std::move(notifications_);
    }

private:
    void read_channel(const std::string& name, const YamlField& field) {
        Channel channel;
        channel.name = name;
        field.map([&](YamlMap& map) {
            const auto type = map.required("type").one_of<ChannelType>(
                {channel_types.begin(), channel_types.end()});
            if (!type) {
                // Every key is asked for, so that none is called unknown for want of a type.
                for (const auto& [word, each] : channel_types) {
                    ask_for_all(map, each);
                }
                return;
            }
            channel.type = *type;
            read_keys(map, channel);
        });
        notifications_.channels.emplace(name, std::move(channel));
    }

    static void ask_for_all(YamlMap& map, ChannelType type) {
        for (const auto& key : keys_of(type)) {
            static_cast<void>(map.optional(key.name));
        }
        for (const auto* key : {"to", "command", "allow_private"}) {
            static_cast<void>(map.optional(key));
        }
    }

    void read_keys(YamlMap& map, Channel& channel) const {
        for (const auto& key : keys_of(channel.type)) {
            const auto field =
                key.need == Need::required ? map.required(key.name) : map.optional(key.name);
            if (field.present()) {
                read_key(key, field, channel);
            }
        }
        if (channel.type == ChannelType::email || channel.type == ChannelType::sendmail) {
            channel.words = read_words(map.required("to"), KeyForm::address);
        }
        if (channel.type == ChannelType::exec) {
            channel.words = read_words(map.required("command"), KeyForm::line);
        }
        if (connects(channel.type)) {
            channel.reach =
                map.optional("allow_private")
                    .one_of<Reach>({{"false", Reach::public_hosts}, {"true", Reach::any_host}})
                    .value_or(Reach::public_hosts);
        }
        if (channel.settings.contains("user") != channel.secrets.contains("password") &&
            channel.type == ChannelType::email) {
            map.optional("server").report("'user' and 'password' stand together or not at all");
        }
    }

    void read_key(const Key& key, const YamlField& field, Channel& channel) const {
        const bool may_be_secret =
            key.form == KeyForm::secret || key.form == KeyForm::secret_or_url;
        const auto text = may_be_secret ? field.secret_line() : field.line();
        if (!text) {
            return;
        }
        const bool literal_url = key.form == KeyForm::secret_or_url && text->starts_with("http");
        if (may_be_secret && !literal_url) {
            if (const auto secret = read_secret(*text, field)) {
                channel.secrets[key.name] = *secret;
            }
        } else if (const auto value =
                       read_text(*text, literal_url ? KeyForm::url : key.form, field)) {
            channel.settings[key.name] = *value;
        }
    }

    /// The value is never repeated: it may be the secret itself.
    [[nodiscard]] std::optional<SecretRef> read_secret(const std::string& text,
                                                       const YamlField& field) const {
        static const RE2 form(R"(\$\{(file|env|credential):([^{}]+)\})");
        std::string place;
        std::string name;
        if (!RE2::FullMatch(text, form, &place, &name)) {
            field.report("a secret does not stand in this file (allowed: \"${file:PATH}\" of a "
                         "file with mode 0600, \"${env:NAME}\", \"${credential:NAME}\")");
            return std::nullopt;
        }
        if (place == "file") {
            if (name.front() == '~') {
                field.report("'~' is not replaced by your home directory (allowed: an absolute "
                             "path or one relative to this file)");
                return std::nullopt;
            }
            return SecretRef{SecretPlace::file, (folder_ / name).lexically_normal().string()};
        }
        static const RE2 variable("[A-Za-z_][A-Za-z0-9_]*");
        static const RE2 credential("[A-Za-z0-9_-][A-Za-z0-9._-]*");
        const bool is_variable = place == "env";
        if (!RE2::FullMatch(name, is_variable ? variable : credential)) {
            field.report(is_variable ? "this is no name of an environment variable (allowed: "
                                       "A-Z, a-z, 0-9 and '_')"
                                     : "this is no name of a credential (allowed: A-Z, a-z, 0-9, "
                                       "'.', '_' and '-')");
            return std::nullopt;
        }
        return SecretRef{is_variable ? SecretPlace::environment : SecretPlace::credential, name};
    }

    [[nodiscard]] std::optional<std::string> read_text(const std::string& text, KeyForm form,
                                                       const YamlField& field) const {
        if (form == KeyForm::path) {
            return (folder_ / text).lexically_normal().string();
        }
        static const RE2 url(R"(https?://[A-Za-z0-9.\-\[\]:]+(/[!-~]*)?)");
        static const RE2 mail_server(R"(smtps?://[A-Za-z0-9.\-\[\]:]+)");
        static const RE2 address(R"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)");
        if (form == KeyForm::url &&
            (!RE2::FullMatch(text, url) || text.find_first_of("?#") != std::string::npos)) {
            field.report("this is not a URL that may stand here (allowed: http:// or https://, "
                         "no user, password, '?' or '#'; what holds a secret is \"${file:PATH}\")");
            return std::nullopt;
        }
        if (form == KeyForm::mail_server && !RE2::FullMatch(text, mail_server)) {
            field.report("'" + cap(text, 64) +
                         "' is not a mail server (allowed: smtp://HOST[:PORT], which starts TLS, "
                         "or smtps://HOST[:PORT])");
            return std::nullopt;
        }
        if (form == KeyForm::address && !RE2::FullMatch(text, address)) {
            field.report("'" + cap(text, 64) +
                         "' is not a mail address (allowed: NAME@DOMAIN and nothing around it)");
            return std::nullopt;
        }
        return text;
    }

    [[nodiscard]] std::vector<std::string> read_words(const YamlField& field, KeyForm form) const {
        std::vector<std::string> words;
        const auto items = field.list(64);
        for (const auto& item : items) {
            const auto text = item.line();
            const auto word = text ? read_text(*text, form, item) : std::nullopt;
            if (word) {
                words.push_back(*word);
            }
        }
        if (field.present() && items.empty()) {
            field.report("the list is empty (at least 1)");
        }
        return words;
    }

    void read_rule(const YamlField& field) {
        NotifyRule rule;
        field.map([&](YamlMap& map) {
            const auto when = map.required("when");
            for (const auto& item : when.list()) {
                if (const auto event = item.one_of(words_until(NotifyEvent::disk_low))) {
                    rule.when.push_back(*event);
                }
            }
            rule.min_duration =
                map.optional("min_duration")
                    .duration({std::chrono::milliseconds(1), std::chrono::hours(24 * 30)})
                    .value_or(rule.min_duration);
            for (const auto& item : map.optional("kinds").list()) {
                if (const auto kind = item.one_of(words_until(NotifyKind::plan))) {
                    rule.kinds.push_back(*kind);
                }
            }
            for (const auto& item : map.required("to").list(64)) {
                read_channel_name(item, rule);
            }
        });
        notifications_.rules.push_back(std::move(rule));
    }

    void read_channel_name(const YamlField& field, NotifyRule& rule) const {
        const auto name = field.name();
        if (!name) {
            return;
        }
        rule.to.push_back(*name);
        if (notifications_.channels.contains(*name)) {
            return;
        }
        const auto known = names_of_channels(notifications_);
        const auto near = nearest_word(*name, known);
        field.report("there is no channel '" + *name + "' (" +
                     (near.empty() ? "" : "did you mean '" + near + "'? ") +
                     (known.empty() ? "'channels' is empty" : "known: " + join(known, ", ")) + ")");
    }

    const std::filesystem::path& folder_;
    Notifications notifications_;
};

} // namespace

Notifications read_notifications(const YamlField& field, const std::filesystem::path& folder) {
    return NotificationsReader(folder).read(field);
}

} // namespace lab::plan
