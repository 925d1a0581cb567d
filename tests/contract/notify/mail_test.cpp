// SPDX-License-Identifier: Apache-2.0
// Mail by SMTP, to a real server on loopback.
#include "adapters/notify/notifier.h"
#include "base/files.h"
#include "tests/contract/notify/smtp_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::test {
namespace {

using namespace std::chrono_literals;
using notify::Fate;
using testing::HasSubstr;
using testing::Not;

class MailTest : public testing::Test {
protected:
    plan::Channel channel(const std::string& server, const std::string& to = "me@example.org") {
        plan::Channel channel;
        channel.name = "mail";
        channel.type = plan::ChannelType::email;
        channel.reach = plan::Reach::any_host;
        channel.settings = {{"server", server},
                            {"from", "lab@example.org"},
                            {"ca_file", identity_.certificate.string()}};
        channel.words = {to};
        return channel;
    }

    void log_in(plan::Channel& channel, const std::string& password) {
        const auto file = directory_.path() / "password";
        write_file(file, password, FileAccess::owner_only);
        channel.settings["user"] = "lab";
        channel.secrets["password"] = {plan::SecretPlace::file, file.string()};
    }

    notify::Judgement send(const plan::Channel& channel) {
        notify::Message message;
        message.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        message.title = "failed (exit code 3): make";
        message.text = ".\nexit code 3\n";
        message.time = std::chrono::system_clock::now();
        return notifier_->send(channel, message, {20s, {}});
    }

    TemporaryDirectory directory_{"/tmp", "lab-mail"};
    Identity identity_ = make_identity(directory_.path(), "IP:127.0.0.1");
    std::unique_ptr<ports::Notifier> notifier_ = adapters::make_notifier();
};

TEST_F(MailTest, ArrivesEncryptedFromWhoLoggedIn) {
    const SmtpServer server(directory_.path(), identity_);
    auto mail = channel(server.url());
    log_in(mail, "hunter2");

    const auto judgement = send(mail);

    ASSERT_EQ(judgement.fate, Fate::delivered) << judgement.reason;
    const auto text = read_file(directory_.path() / "mail-1");
    EXPECT_THAT(text, HasSubstr("tls=True auth=lab from=lab@example.org to=me@example.org\n"));
    EXPECT_THAT(text, HasSubstr("Subject: failed (exit code 3): make\r\n"));
    EXPECT_THAT(text, HasSubstr("Message-ID: <01ARZ3NDEKTSV4RRFFQ69G5FAV@example.org>\r\n"));
}

TEST_F(MailTest, IsNotSentUnencrypted) {
    const SmtpServer server(directory_.path(), std::nullopt);

    const auto judgement = send(channel(server.url()));

    EXPECT_EQ(judgement.fate, Fate::refused) << judgement.reason;
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "mail-1"));
}

TEST_F(MailTest, IsNotSentToWhoCannotProveItself) {
    const SmtpServer server(directory_.path(), identity_);
    auto mail = channel(server.url());
    mail.settings.erase("ca_file");

    EXPECT_EQ(send(mail).fate, Fate::refused);
}

TEST_F(MailTest, IsTriedAgainOnlyWhereThatMayHelp) {
    const SmtpServer server(directory_.path(), identity_);

    const auto full = send(channel(server.url(), "full@example.org"));
    const auto unknown = send(channel(server.url(), "unknown@example.org"));

    EXPECT_EQ(full.fate, Fate::retry);
    EXPECT_THAT(full.reason, HasSubstr("452"));
    EXPECT_EQ(unknown.fate, Fate::refused);
    EXPECT_THAT(unknown.reason, HasSubstr("550"));
}

TEST_F(MailTest, WithAWrongPasswordIsRefusedWithoutRepeatingIt) {
    const SmtpServer server(directory_.path(), identity_);
    auto mail = channel(server.url());
    log_in(mail, "wrong-password");

    const auto judgement = send(mail);

    EXPECT_EQ(judgement.fate, Fate::refused);
    EXPECT_THAT(judgement.reason, Not(HasSubstr("wrong-password")));
}

TEST_F(MailTest, ReachesNoPrivateServerWithoutLeave) {
    const SmtpServer server(directory_.path(), identity_);
    auto mail = channel(server.url());
    mail.reach = plan::Reach::public_hosts;

    EXPECT_THAT(send(mail).reason, HasSubstr("is not public"));
}

} // namespace
} // namespace lab::test
