// SPDX-License-Identifier: Apache-2.0
#include "adapters/console/console_output.h"
#include "adapters/console/console_session.h"
#include "base/text.h"
#include "tests/contract/console/shell_console.h"
#include "tests/contract/session_contract.h"

#include <sys/socket.h>
#include <sys/un.h>

namespace lab::test {
namespace {

using adapters::ConsoleOutput;
using adapters::open_console_session;
using testing::HasSubstr;

template <Echo echo>
class ConsoleSubject {
public:
    std::unique_ptr<ports::GuestSession> open() {
        return open_console_session(console_.socket(), std::chrono::seconds(20), {});
    }

    void script(const std::string&, const ports::CommandResult&) {}

private:
    ShellConsole console_{echo};
};

using Subjects =
    testing::Types<FakeSessionSubject, ConsoleSubject<Echo::on>, ConsoleSubject<Echo::off>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Console, SessionContract, Subjects);

ports::GuestCommand command(const std::string& text) {
    ports::GuestCommand made;
    made.command = text;
    made.timeout = std::chrono::seconds(20);
    return made;
}

std::optional<ErrorCode> refusal(ports::GuestSession& session, const ports::GuestCommand& command) {
    try {
        static_cast<void>(session.run(command, nullptr, {}));
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

TEST(ConsoleSession, LongCommandsArriveWhole) {
    ShellConsole console(Echo::on);
    const auto session = open_console_session(console.socket(), std::chrono::seconds(20), {});
    std::string text = "printf '%s' ";
    std::string quotes;
    for (int word = 0; text.size() + quotes.size() < 8100; ++word) {
        quotes += word % 3 == 0 ? "\"it's\"" : "abc$((" + std::to_string(word) + "))";
    }
    text += quotes;

    const auto result = session->run(command(text + " | wc -c"), nullptr, {});
    const auto check = session->run(command(text), nullptr, {});

    EXPECT_EQ(check.end, ports::CommandEnd::exited);
    EXPECT_EQ(trim(result.output), std::to_string(check.output.size()));
    EXPECT_THAT(check.output, testing::StartsWith("it'sabc1abc2it's"));
}

TEST(ConsoleSession, RefusesWhatCannotBeTyped) {
    ShellConsole console(Echo::off);
    const auto session = open_console_session(console.socket(), std::chrono::seconds(20), {});
    auto input = command("cat");
    input.standard_input = "text";

    EXPECT_EQ(refusal(*session, input), ErrorCode::bad_input);
    EXPECT_EQ(refusal(*session, command("echo a\necho b")), ErrorCode::bad_input);
    EXPECT_EQ(refusal(*session, command("echo \x03")), ErrorCode::bad_input);
    EXPECT_EQ(refusal(*session, command(std::string(8193, 'x'))), ErrorCode::bad_input);
    EXPECT_EQ(refusal(*session, command("echo 'ok\t\xc3\xa4'")), std::nullopt);
}

TEST(ConsoleSession, KernelNoiseOutsideACommandDoesNoHarm) {
    ShellConsole console(Echo::on);
    const auto session = open_console_session(console.socket(), std::chrono::seconds(20), {});

    console.print("[   12.5] LAB-END 0123456789abcdef 0\r\n[   12.6] usb 1-1: hello");
    const auto result = session->run(command("echo fine"), nullptr, {});

    EXPECT_EQ(result.output, "fine\n");
}

TEST(ConsoleSession, DeadGuestIsADisconnection) {
    ShellConsole console(Echo::off);
    const auto session = open_console_session(console.socket(), std::chrono::seconds(20), {});
    std::jthread killer;

    const auto during =
        session->run(command("echo go; sleep 30"),
                     [&](std::string_view) { killer = std::jthread([&] { console.die(); }); }, {});
    killer.join();
    const auto after = session->run(command("echo more"), nullptr, {});

    EXPECT_EQ(during.end, ports::CommandEnd::disconnected);
    EXPECT_EQ(after.end, ports::CommandEnd::disconnected);
}

TEST(ConsoleSession, NobodyThereIsAnInfraErrorAfterTheTimeout) {
    try {
        static_cast<void>(
            open_console_session("/tmp/lab-no-such-socket", std::chrono::milliseconds(200), {}));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_THAT(error.what(), HasSubstr("nobody serves the console socket within 0.2 s"));
    }
}

TEST(ConsoleSession, SilentShellIsAnInfraErrorAfterTheTimeout) {
    const TemporaryDirectory directory("/tmp", "lab-");
    const auto path = directory.path() / "console";
    const FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(&address.sun_path[0], sizeof address.sun_path - 1);
    const auto* general = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    ASSERT_EQ(::bind(listener.get(), general, sizeof address), 0);
    ASSERT_EQ(::listen(listener.get(), 8), 0);

    try {
        static_cast<void>(open_console_session(path, std::chrono::milliseconds(200), {}));
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("the shell on the console did not answer"));
    }
}

/// Feeds a text in pieces of each size and expects the same outcome every time.
void expect_output(const std::string& text, int exit_code, const std::string& output) {
    for (std::size_t size = 1; size <= text.size(); ++size) {
        std::string seen;
        const ports::OutputSink sink = [&](std::string_view bytes) {
            seen += bytes;
        };
        ConsoleOutput reader("7f", mebibytes(1), sink);
        bool ended = false;
        for (std::size_t start = 0; start < text.size() && !ended; start += size) {
            ended = reader.feed(std::string_view(text).substr(start, size));
        }
        const auto result = std::move(reader).take(ports::CommandEnd::exited);
        ASSERT_TRUE(ended) << "pieces of " << size;
        EXPECT_EQ(result.exit_code, exit_code);
        EXPECT_EQ(result.output, output);
        EXPECT_EQ(seen, output);
    }
}

TEST(ConsoleOutput, TakesWhatIsBetweenTheMarks) {
    expect_output("noise\r\nLAB-BEGIN 7f\r\none\r\ntwo\r\nLAB-END 7f 12\r\n", 12, "one\ntwo\n");
}

TEST(ConsoleOutput, EndMarkMayFollowAnUnfinishedLine) {
    expect_output("LAB-BEGIN 7f\nLAB-LAB-END 7f 0\n", 0, "LAB-");
}

TEST(ConsoleOutput, EchoIsNotTheMark) {
    expect_output("# echo LAB-BEGIN 7f; sh -c 'x'; echo LAB-END 7f $?\r\nLAB-BEGIN 7f\r\n"
                  "LAB-END 7f $?\r\nLAB-END 7e 0\r\nLAB-END 7f 4711\r\nLAB-END 7f 1\r\n",
                  1, "LAB-END 7f $?\nLAB-END 7e 0\nLAB-END 7f 4711\n");
}

TEST(ConsoleOutput, KernelMessageMayCutIntoAMark) {
    expect_output("LAB-BEGIN 7f[   1.0] one\nout\nLAB-END 7f 3[   1.1] two\n", 3,
                  "[   1.0] one\nout\n");
}

} // namespace
} // namespace lab::test
