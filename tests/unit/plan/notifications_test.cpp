// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* valid_notify = R"(notify:
  channels:
    chat:
      type: slack
      url: "${file:secrets/slack}"
    phone: {type: ntfy, topic: "${env:NTFY_TOPIC}", token: "${credential:ntfy-token}"}
    mail:
      type: email
      server: smtps://mail.example.org
      from: lab@example.org
      to: [me@example.org]
      user: lab
      password: "${file:/etc/lab/mail}"
    hook: {type: webhook, url: "http://10.0.0.1:8080/lab", allow_private: true}
    run: {type: exec, command: [/usr/bin/logger, -t, lab]}
  rules:
    - when: [found, failed]
      min_duration: 1m
      to: [chat, phone]
    - when: [failed, finished]
      kinds: [command, bisect]
      to: [phone, mail]
)";

Notifications valid() {
    return value_or_throw(config_of(valid_notify)).notifications;
}

TEST(Notifications, AreReadWithPlacesOfSecretsOnly) {
    const auto config = config_of(valid_notify);

    ASSERT_THAT(problems_of(config), ElementsAre());
    const auto& channels = config->notifications.channels;
    EXPECT_THAT(channels.at("chat").secrets,
                ElementsAre(Pair("url", SecretRef{SecretPlace::file, "/home/user/secrets/slack"})));
    EXPECT_THAT(
        channels.at("phone").secrets,
        UnorderedElementsAre(Pair("topic", SecretRef{SecretPlace::environment, "NTFY_TOPIC"}),
                             Pair("token", SecretRef{SecretPlace::credential, "ntfy-token"})));
    EXPECT_EQ(channels.at("mail").settings.at("server"), "smtps://mail.example.org");
    EXPECT_THAT(channels.at("mail").words, ElementsAre("me@example.org"));
    EXPECT_EQ(channels.at("hook").reach, Reach::any_host);
    EXPECT_EQ(channels.at("chat").reach, Reach::public_hosts);
    EXPECT_THAT(channels.at("run").words, ElementsAre("/usr/bin/logger", "-t", "lab"));
    const auto& rule = config->notifications.rules.at(0);
    EXPECT_THAT(rule.when, ElementsAre(NotifyEvent::found, NotifyEvent::failed));
    EXPECT_EQ(rule.min_duration, 1min);
}

TEST(Notifications, AreChosenByEventKindAndDuration) {
    const auto all = valid();

    EXPECT_THAT(channels_for(all, {{NotifyEvent::failed}, NotifyKind::bisect, 2min}),
                ElementsAre("chat", "phone", "mail"));
    EXPECT_THAT(channels_for(all, {{NotifyEvent::failed}, NotifyKind::build, 59s}), ElementsAre());
    EXPECT_THAT(channels_for(all, {{NotifyEvent::finished}, NotifyKind::command, 0s}),
                ElementsAre("phone", "mail"));
    EXPECT_THAT(channels_for(all, {{NotifyEvent::started}, NotifyKind::bisect, 0s}), ElementsAre());
}

TEST(Notifications, AreChosenByAnyOfTheEventsOfAnOccasion) {
    const auto all = valid();

    EXPECT_THAT(
        channels_for(all, {{NotifyEvent::finished, NotifyEvent::found}, NotifyKind::bisect, 2min}),
        ElementsAre("chat", "phone", "mail"));
}

TEST(Notifications, GoNowhereWithoutRules) {
    auto all = valid();
    all.rules.clear();

    EXPECT_THAT(channels_for(all, {{NotifyEvent::finished}, NotifyKind::command, 0s}),
                ElementsAre());
    EXPECT_THAT(names_of_channels(all), ElementsAre("chat", "hook", "mail", "phone", "run"));
}

TEST(Notifications, AreNamedAsTheyAreWritten) {
    for (const auto& [word, type] : channel_types) {
        EXPECT_STREQ(to_string(type), word);
    }
    EXPECT_STREQ(to_string(NotifyEvent::no_culprit), "no-culprit");
    EXPECT_STREQ(to_string(NotifyKind::create), "create");
    EXPECT_EQ(notify_kind_from("bisect"), NotifyKind::bisect);
    EXPECT_EQ(notify_kind_from("start"), std::nullopt);
    EXPECT_EQ(to_string(SecretRef{SecretPlace::environment, "A"}), "${env:A}");
}

struct BadNotify {
    const char* name;
    const char* from;
    const char* to;
    const char* problem;
};

void PrintTo(const BadNotify& row, std::ostream* out) {
    *out << row.name;
}

class NotifyRefuses : public testing::TestWithParam<BadNotify> {};

TEST_P(NotifyRefuses, WithOneProblem) {
    const auto& row = GetParam();

    const auto config = config_of(replaced(valid_notify, row.from, row.to));

    EXPECT_THAT(problems_of(config), ElementsAre(row.problem));
}

INSTANTIATE_TEST_SUITE_P(
    Values, NotifyRefuses,
    testing::Values(
        BadNotify{"LiteralSecret", "\"${file:secrets/slack}\"", "https://hooks.slack.com/x",
                  "lab.yaml:5:12: notify.channels.chat.url: a secret does not stand in this file "
                  "(allowed: \"${file:PATH}\" of a file with mode 0600, \"${env:NAME}\", "
                  "\"${credential:NAME}\")"},
        BadNotify{"HomeOfSecret", "${file:secrets/slack}", "${file:~/slack}",
                  "lab.yaml:5:12: notify.channels.chat.url: '~' is not replaced by your home "
                  "directory (allowed: an absolute path or one relative to this file)"},
        BadNotify{"CredentialPath", "credential:ntfy-token", "credential:../x",
                  "lab.yaml:6:60: notify.channels.phone.token: this is no name of a credential "
                  "(allowed: A-Z, a-z, 0-9, '.', '_' and '-')"},
        BadNotify{"Variable", "env:NTFY_TOPIC", "env:A=B",
                  "lab.yaml:6:32: notify.channels.phone.topic: this is no name of an environment "
                  "variable (allowed: A-Z, a-z, 0-9 and '_')"},
        BadNotify{"MissingSecret", "      url: \"${file:secrets/slack}\"\n", "",
                  "lab.yaml:4:7: notify.channels.chat: the key 'url' is missing"},
        BadNotify{"KeyOfAnotherType", "topic: \"${env:NTFY_TOPIC}\"",
                  "topic: \"${env:NTFY_TOPIC}\", room: x",
                  "lab.yaml:6:53: notify.channels.phone.room: unknown key (allowed: type, topic, "
                  "token, server, ca_file, allow_private)"},
        BadNotify{"Type", "type: slack", "type: slak",
                  "lab.yaml:4:13: notify.channels.chat.type: 'slak' is unknown (allowed: slack, "
                  "slack-bot, discord, telegram, matrix, ntfy, pushover, mattermost, rocketchat, "
                  "teams, email, sendmail, desktop, webhook, exec, apprise)"},
        BadNotify{"MailServer", "smtps://mail.example.org", "mail.example.org",
                  "lab.yaml:9:15: notify.channels.mail.server: 'mail.example.org' is not a mail "
                  "server (allowed: smtp://HOST[:PORT], which starts TLS, or smtps://HOST[:PORT])"},
        BadNotify{"Address", "to: [me@example.org]", "to: [Me <me@example.org>]",
                  "lab.yaml:11:12: notify.channels.mail.to[0]: 'Me <me@example.org>' is not a mail "
                  "address (allowed: NAME@DOMAIN and nothing around it)"},
        BadNotify{
            "PasswordAlone", "      user: lab\n", "",
            "lab.yaml:9:15: notify.channels.mail.server: 'user' and 'password' stand together "
            "or not at all"},
        BadNotify{"UrlWithPassword", "http://10.0.0.1:8080/lab", "http://me:hunter2@host/",
                  "lab.yaml:14:32: notify.channels.hook.url: this is not a URL that may stand here "
                  "(allowed: http:// or https://, no user, password, '?' or '#'; what holds a "
                  "secret is \"${file:PATH}\")"},
        BadNotify{"EmptyCommand", "[/usr/bin/logger, -t, lab]", "[]",
                  "lab.yaml:15:32: notify.channels.run.command: the list is empty (at least 1)"},
        BadNotify{"Event", "[found, failed]", "[found, fail]",
                  "lab.yaml:17:21: notify.rules[0].when[1]: 'fail' is unknown (allowed: started, "
                  "verdict, finished, failed, cancelled, found, no-culprit, inconclusive, "
                  "sut-quarantined, disk-low)"},
        BadNotify{"Channel", "to: [chat, phone]", "to: [chat, phon]",
                  "lab.yaml:19:18: notify.rules[0].to[1]: there is no channel 'phon' (did you mean "
                  "'phone'? known: chat, hook, mail, phone, run)"}),
    [](const auto& row) { return row.param.name; });

TEST(Notifications, NeverRepeatWhatMayBeASecret) {
    for (const auto* literal :
         {"hunter2", "\"hunter2\\n\"", "\"${files:hunter2}\"", "\"${file:hunter2\""}) {
        const auto config = config_of(replaced(valid_notify, "\"${file:secrets/slack}\"", literal));

        ASSERT_FALSE(config);
        EXPECT_THAT(problems_of(config)[0], Not(HasSubstr("hunter2")));
    }
}

} // namespace
} // namespace lab::plan::test
