// SPDX-License-Identifier: Apache-2.0
// Machines of the user's own ssh configuration, against a real sshd.
#include "adapters/ssh/ssh_session.h"

#include "adapters/ssh/user_setup.h"
#include "base/text.h"
#include "tests/contract/ssh/ssh_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::test {
namespace {

using adapters::ask_ssh_host_key;
using adapters::open_ssh_session;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto connect_limit = std::chrono::seconds(20);

/// A home directory with an ssh configuration of its own.
class UserSetup : public testing::Test {
protected:
    UserSetup() {
        std::filesystem::create_directories(home_.path() / ".ssh");
        ::setenv("HOME", home_.path().c_str(), 1);
    }

    ~UserSetup() override { ::setenv("HOME", old_home_.c_str(), 1); }

    void configure(const std::string& more) {
        const auto real = server_.endpoint();
        write_file(home_.path() / ".ssh/config", "Host box\n  HostName 127.0.0.1\n  Port " +
                                                     std::to_string(real.port) + "\n  User " +
                                                     real.user + "\n" + more);
    }

    /// The Host of the configuration and nothing else.
    [[nodiscard]] ports::SshEndpoint box() const {
        ports::SshEndpoint endpoint;
        endpoint.host = "box";
        endpoint.port = 0;
        endpoint.user = "";
        endpoint.host_key = server_.endpoint().host_key;
        endpoint.user_setup = ports::UserSetup::used;
        return endpoint;
    }

    void know(const std::string& host_key) {
        const auto words = split(host_key, ' ');
        write_file(home_.path() / ".ssh/known_hosts",
                   "[127.0.0.1]:" + std::to_string(server_.endpoint().port) + " " + words[0] + " " +
                       words[1] + "\n");
    }

    [[nodiscard]] std::string refusal(const ports::SshEndpoint& endpoint) const {
        try {
            static_cast<void>(open_ssh_session(endpoint, connect_limit, {}));
        } catch (const Error& error) {
            return to_string(error.code()) + std::string(": ") + error.what();
        }
        return "opened";
    }

    SshServer server_;
    TemporaryDirectory home_{"/tmp", "lab-home-"};
    const std::string old_home_ = std::getenv("HOME");
};

TEST_F(UserSetup, AHostOfTheConfigurationIsEnough) {
    configure("  IdentityFile " + server_.endpoint().key.string() + "\n");

    const auto session = open_ssh_session(box(), connect_limit, {});

    EXPECT_EQ(session->run({"echo in", {}, connect_limit}, nullptr, {}).output, "in\n");
}

TEST_F(UserSetup, AKeyFileThatIsNamedComesBeforeTheConfiguration) {
    configure("  IdentityFile /nonexistent\n");
    auto endpoint = box();
    endpoint.key = server_.endpoint().key;

    EXPECT_EQ(refusal(endpoint), "opened");
}

TEST_F(UserSetup, NoKeyThatIsAcceptedIsSaidWithoutAskingForAPassword) {
    configure("  IdentityFile " + server_.make_key("stranger").string() + "\n");

    EXPECT_THAT(refusal(box()), AllOf(HasSubstr("infra: "), HasSubstr("none of your keys")));
}

TEST_F(UserSetup, AHostBehindAnotherOneIsReachedThroughIt) {
    const SshServer jump;
    const auto way = jump.endpoint();
    configure("  IdentityFile " + server_.endpoint().key.string() +
              "\n  ProxyCommand ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no"
              " -o UserKnownHostsFile=/dev/null -i " +
              way.key.string() + " -p " + std::to_string(way.port) + " -W %h:%p " + way.user +
              "@127.0.0.1\n");

    const auto session = open_ssh_session(box(), connect_limit, {});

    EXPECT_THAT(session->run({"echo $SSH_CONNECTION", {}, connect_limit}, nullptr, {}).output,
                StartsWith("127.0.0.1 "));
}

TEST_F(UserSetup, AJumpIsTakenByTheUsersSsh) {
    configure("  ProxyJump me@elsewhere:2222\n");

    const auto proxy = adapters::route_to(box()).proxy;

    ASSERT_FALSE(proxy.empty());
    EXPECT_EQ(proxy.front(), "ssh");
    EXPECT_THAT(proxy, testing::IsSupersetOf(
                           {std::string("me"), std::string("2222"), std::string("elsewhere"),
                            "[127.0.0.1]:" + std::to_string(server_.endpoint().port)}));
}

TEST_F(UserSetup, AProxyThatDoesNotLeadThereIsNoAnswer) {
    for (const auto* proxy : {"/bin/false", "/nonexistent %h"}) {
        configure(std::string("  ProxyCommand ") + proxy + "\n");
        try {
            static_cast<void>(open_ssh_session(box(), std::chrono::milliseconds(300), {}));
            ADD_FAILURE() << proxy;
        } catch (const ports::NoAnswer& none) {
            EXPECT_THAT(none.what(), HasSubstr("(through /"));
        }
    }
}

TEST_F(UserSetup, AChangedHostKeyIsRefused) {
    configure("  IdentityFile " + server_.endpoint().key.string() + "\n");
    auto endpoint = box();
    endpoint.host_key = SshServer::public_half(server_.make_key("other"));

    EXPECT_THAT(refusal(endpoint), HasSubstr("host key is not the pinned one"));
}

TEST_F(UserSetup, NobodyListeningIsNoAnswer) {
    configure("");
    auto endpoint = box();
    endpoint.port = 1;

    EXPECT_THROW(static_cast<void>(open_ssh_session(endpoint, std::chrono::milliseconds(300), {})),
                 ports::NoAnswer);
}

TEST_F(UserSetup, TheHostKeyIsShownWithItsFingerprintAndWhatIsKnownOfIt) {
    configure("");
    const auto words = split(server_.endpoint().host_key, ' ');

    const auto unknown = ask_ssh_host_key(box(), connect_limit, {});
    know(server_.endpoint().host_key);
    const auto known = ask_ssh_host_key(box(), connect_limit, {});
    know(SshServer::public_half(server_.make_key("former")));
    const auto changed = ask_ssh_host_key(box(), connect_limit, {});

    EXPECT_EQ(unknown.text, words[0] + " " + words[1]);
    EXPECT_THAT(unknown.fingerprint, StartsWith("SHA256:"));
    EXPECT_EQ(unknown.known, ports::KnownHost::no);
    EXPECT_EQ(known.known, ports::KnownHost::yes);
    EXPECT_EQ(changed.known, ports::KnownHost::changed);
}

} // namespace
} // namespace lab::test
