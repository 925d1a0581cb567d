// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/ssh_session.h"

#include "base/text.h"
#include "tests/contract/session_contract.h"
#include "tests/contract/ssh/ssh_server.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace lab::test {
namespace {

using adapters::open_ssh_session;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto patience = std::chrono::seconds(20);

class SshSubject {
public:
    std::unique_ptr<ports::GuestSession> open() {
        return open_ssh_session(server_.endpoint(), patience, {});
    }

    void script(const std::string&, const ports::CommandResult&) {}

private:
    SshServer server_;
};

using Subjects = testing::Types<FakeSessionSubject, SshSubject>;
INSTANTIATE_TYPED_TEST_SUITE_P(Ssh, SessionContract, Subjects);

ports::GuestCommand command(const std::string& text, const std::string& input = "") {
    ports::GuestCommand made;
    made.command = text;
    made.standard_input = input;
    made.timeout = patience;
    return made;
}

/// What the Error says that opening a session throws.
std::string refusal(const ports::SshEndpoint& endpoint, Duration timeout) {
    try {
        static_cast<void>(open_ssh_session(endpoint, timeout, {}));
    } catch (const Error& error) {
        return to_string(error.code()) + std::string(": ") + error.what();
    }
    return "opened";
}

TEST(SshSession, StandardInputArrivesWhole) {
    SshServer server;
    const auto session = open_ssh_session(server.endpoint(), patience, {});
    std::string input;
    for (int line = 0; input.size() < 3'000'000; ++line) {
        input += std::to_string(line) + "\n";
    }
    auto echo = command("cat", input);
    echo.output_limit = mebibytes(8);

    const auto result = session->run(echo, nullptr, {});
    const auto nothing = session->run(command("cat; echo end"), nullptr, {});

    EXPECT_EQ(result.exit_code, 0);
    EXPECT_TRUE(result.output == input) << result.output.size() << " of " << input.size();
    EXPECT_EQ(nothing.output, "end\n");
}

TEST(SshSession, SessionIsUsableAfterATimeout) {
    SshServer server;
    const auto session = open_ssh_session(server.endpoint(), patience, {});
    auto endless = command("sleep 30");
    endless.timeout = std::chrono::milliseconds(300);

    const auto late = session->run(endless, nullptr, {});
    const auto next = session->run(command("echo next"), nullptr, {});

    EXPECT_EQ(late.end, ports::CommandEnd::timed_out);
    EXPECT_EQ(next.output, "next\n");
}

TEST(SshSession, ProcessThatHoldsTheOutputDoesNotHoldTheCommand) {
    SshServer server;
    const auto session = open_ssh_session(server.endpoint(), patience, {});

    const auto result = session->run(command("sleep 30 & echo started"), nullptr, {});

    EXPECT_EQ(result.end, ports::CommandEnd::exited);
    EXPECT_EQ(result.output, "started\n");
    EXPECT_TRUE(result.cut_short);
}

TEST(SshSession, ProcessThatWritesForEverDoesNotHoldTheCommand) {
    SshServer server;
    const auto session = open_ssh_session(server.endpoint(), patience, {});

    const auto result = session->run(command("yes & exit 3"), nullptr, {});
    const auto next = session->run(command("echo next"), nullptr, {});

    EXPECT_EQ(result.end, ports::CommandEnd::exited);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(next.output, "next\n");
}

TEST(SshSession, DeadGuestIsADisconnection) {
    SshServer server;
    const auto session = open_ssh_session(server.endpoint(), patience, {});

    const auto during =
        session->run(command("echo go; sleep 30"), [&](std::string_view) { server.cut(); }, {});
    const auto after = session->run(command("echo more"), nullptr, {});

    EXPECT_EQ(during.end, ports::CommandEnd::disconnected);
    EXPECT_EQ(after.end, ports::CommandEnd::disconnected);
}

TEST(SshSession, TriesUntilTheGuestListens) {
    SshServer server;
    server.hang_up_on(3);

    const auto session = open_ssh_session(server.endpoint(), patience, {});

    EXPECT_EQ(session->run(command("echo up"), nullptr, {}).output, "up\n");
}

TEST(SshSession, RefusedPortIsNamedAfterTheTimeout) {
    std::uint16_t port = 0;
    {
        SshServer gone;
        port = gone.endpoint().port;
    }
    SshServer other;
    auto endpoint = other.endpoint();
    endpoint.port = port;

    EXPECT_THAT(refusal(endpoint, std::chrono::milliseconds(300)),
                AllOf(HasSubstr("infra: "), HasSubstr("no SSH answer within 0.3 s"),
                      HasSubstr("Connection refused")));
}

TEST(SshSession, SilentServerIsNamedAfterTheTimeout) {
    SshServer keys;
    const FileDescriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* general = static_cast<sockaddr*>(static_cast<void*>(&address));
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(silent.get(), general, size), 0);
    ASSERT_EQ(::listen(silent.get(), 4), 0);
    ASSERT_EQ(::getsockname(silent.get(), general, &size), 0);
    auto endpoint = keys.endpoint();
    endpoint.port = ntohs(address.sin_port);

    EXPECT_THAT(refusal(endpoint, std::chrono::milliseconds(300)),
                HasSubstr("connected, but the server says nothing"));
}

TEST(SshSession, AnotherHostKeyIsRefusedAtOnce) {
    SshServer server;
    auto endpoint = server.endpoint();
    endpoint.host_key = SshServer::public_half(server.make_key("other"));
    auto other_type = server.endpoint();
    other_type.host_key = "ecdsa-sha2-nistp256 AAAA";

    EXPECT_THAT(refusal(endpoint, patience),
                AllOf(HasSubstr("infra: "), HasSubstr("host key is not the pinned one")));
    EXPECT_THAT(refusal(other_type, patience), HasSubstr("host key is not the pinned one"));
}

TEST(SshSession, AnotherUserKeyIsRefusedAtOnce) {
    SshServer server;
    auto endpoint = server.endpoint();
    endpoint.key = server.make_key("stranger");

    EXPECT_THAT(refusal(endpoint, patience),
                AllOf(HasSubstr("infra: "), HasSubstr("stranger' is refused")));
}

TEST(SshSession, UnreadableKeyIsNamed) {
    SshServer server;
    auto endpoint = server.endpoint();
    endpoint.key = "/nonexistent/key";

    EXPECT_THAT(refusal(endpoint, patience),
                HasSubstr("cannot read the private key '/nonexistent/key'"));
}

TEST(SshSession, PinnedKeyThatIsNoneIsBadInput) {
    SshServer server;
    auto endpoint = server.endpoint();
    for (const auto* text : {"", "ssh-ed25519", "ssh-dss AAAA", "nonsense\x1b[2J"}) {
        endpoint.host_key = text;
        EXPECT_THAT(refusal(endpoint, patience), HasSubstr("bad_input: ")) << text;
    }
}

TEST(SshSession, OpeningCanBeCancelled) {
    SshServer server;
    server.hang_up_on(1'000'000);
    std::stop_source stop;
    const std::jthread stopper([&] {
        lab::sleep_for(std::chrono::milliseconds(200), {});
        stop.request_stop();
    });

    EXPECT_THROW(static_cast<void>(open_ssh_session(server.endpoint(), std::chrono::minutes(5),
                                                    stop.get_token())),
                 Cancelled);
}

} // namespace
} // namespace lab::test
