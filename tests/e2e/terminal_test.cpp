// SPDX-License-Identifier: Apache-2.0
// A command under `lab notify` on a real terminal.
#include "base/clock.h"
#include "base/handle.h"
#include "tests/e2e/harness.h"

#include <csignal>
#include <gmock/gmock.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>

namespace lab::e2e {
namespace {

using testing::HasSubstr;

class TerminalTest : public CliTest {
protected:
    TerminalTest() {
        write_file(file("lab.yaml"),
                   "notify: {channels: {record: {type: exec, command: [tee, events]}}}\n");
    }

    ~TerminalTest() override {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    /// Runs `lab notify -- sh -c <script>` in a session of its own, on a terminal of 41 x 132.
    void start(const std::string& script) {
        const winsize size{41, 132, 0, 0};
        int terminal = -1;
        const auto directory = file(".").string();
        const auto home = file("home").string();
        pid_ = ::forkpty(&terminal, nullptr, nullptr, &size);
        if (pid_ == 0) {
            ::setenv("LAB_HOME", home.c_str(), 1);
            ::setenv("TERM", "xterm", 1);
            if (::chdir(directory.c_str()) == 0) {
                ::execl(LAB_BIN "/lab", "lab", "notify", "--", "sh", "-c", script.c_str(), nullptr);
            }
            ::_exit(99);
        }
        terminal_ = FileDescriptor(terminal);
    }

    /// Everything that is shown until `mark` is, or until the end.
    std::string shown_until(const std::string& mark) {
        const auto deadline = Deadline::in(std::chrono::seconds(20));
        while (shown_.find(mark) == std::string::npos && !deadline.passed()) {
            pollfd fd{terminal_.get(), POLLIN, 0};
            char bytes[1024];
            if (::poll(&fd, 1, 100) <= 0) {
                continue;
            }
            const auto count = ::read(terminal_.get(), bytes, sizeof bytes);
            if (count <= 0) {
                break; // nobody holds the terminal any more
            }
            shown_.append(bytes, static_cast<std::size_t>(count));
        }
        return shown_;
    }

    void type(const std::string& keys) {
        ASSERT_EQ(::write(terminal_.get(), keys.data(), keys.size()),
                  static_cast<ssize_t>(keys.size()));
    }

    int exit_code() {
        static_cast<void>(shown_until("never shown"));
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = -1;
    FileDescriptor terminal_;
    std::string shown_;
};

TEST_F(TerminalTest, IsTheCommandsOwn) {
    start("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size && "
          "ps -o pgid=,tpgid= -p $$ | { read own front; [ $own = $front ] && echo in front; }");

    EXPECT_EQ(exit_code(), 0);
    EXPECT_THAT(shown_until("in front"), HasSubstr("41 132\r\nin front\r\n"));
}

TEST_F(TerminalTest, GivesCtrlCToTheCommand) {
    start("trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done");
    ASSERT_THAT(shown_until("ready"), HasSubstr("ready"));

    type("\x03");

    EXPECT_EQ(exit_code(), 7);
    EXPECT_THAT(read_file(file("events")), HasSubstr("exit code 7"));
}

TEST_F(TerminalTest, TellsOfACommandThatCtrlCEnded) {
    start("echo ready; while :; do sleep 0.05; done");
    ASSERT_THAT(shown_until("ready"), HasSubstr("ready"));

    type("\x03");

    EXPECT_EQ(exit_code(), 128 + SIGINT);
    EXPECT_THAT(read_file(file("events")), HasSubstr("killed by SIGINT"));
}

TEST_F(TerminalTest, StaysRawWhileTheCommandWantsItRaw) {
    start("stty raw -echo; echo ready; dd bs=1 count=1 2>/dev/null | od -An -c; stty sane");
    ASSERT_THAT(shown_until("ready"), HasSubstr("ready"));

    type("\x03");

    EXPECT_EQ(exit_code(), 0);
    EXPECT_THAT(shown_until("003"), HasSubstr("003"));
}

TEST_F(TerminalTest, RunsAFullScreenProgram) {
    start("exec top -d 60");
    ASSERT_THAT(shown_until("load average"), HasSubstr("load average"));

    type("q");

    EXPECT_EQ(exit_code(), 0);
    EXPECT_THAT(read_file(file("events")), HasSubstr("exit code 0"));
}

} // namespace
} // namespace lab::e2e
