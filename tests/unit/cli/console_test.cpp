// SPDX-License-Identifier: Apache-2.0
// What of a guest's console reaches a real terminal.
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "cli/enter.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab::cli {
namespace {

using testing::EndsWith;

constexpr std::string_view guest_says = "a\x1b]52;c;cm0=\x07\x1b[6n\x1b[31mred\x1b[m";

/// A console with one guest behind it, and a terminal in front of it.
class Console : public testing::Test {
protected:
    Console() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(&address.sun_path[0], sizeof address.sun_path - 1);
        const auto* general = static_cast<const sockaddr*>(static_cast<const void*>(&address));
        if (::bind(listener_.get(), general, sizeof address) != 0 ||
            ::listen(listener_.get(), 1) != 0) {
            throw errno_error("listen at", path());
        }
    }

    [[nodiscard]] std::string path() const { return (directory_.path() / "con").string(); }

    /// What a terminal gets of what the guest says before its console closes.
    [[nodiscard]] std::string shown(GuestEscapes escapes) const {
        int terminal = -1;
        const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
        if (child == 0) {
            ::_exit(attach_console(path(), {std::nullopt, escapes}));
        }
        const FileDescriptor owner(terminal);
        {
            const FileDescriptor guest(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            EXPECT_EQ(::write(guest.get(), guest_says.data(), guest_says.size()),
                      static_cast<ssize_t>(guest_says.size()));
        }
        std::string out;
        std::array<char, 256> buffer{};
        for (pollfd wait{terminal, POLLIN, 0}; ::poll(&wait, 1, 20'000) == 1;) {
            const auto count = ::read(terminal, buffer.data(), buffer.size());
            if (count <= 0) {
                break;
            }
            out.append(buffer.data(), static_cast<std::size_t>(count));
        }
        ::waitpid(child, nullptr, 0);
        return out;
    }

private:
    TemporaryDirectory directory_{"/tmp", "lab-"};
    FileDescriptor listener_;
};

TEST_F(Console, DrawsAndDoesNothingElseWithTheTerminal) {
    EXPECT_THAT(shown(GuestEscapes::drawing), EndsWith("\na\x1b[31mred\x1b[m"));
}

TEST_F(Console, IsUntouchedWhenThatIsWanted) {
    EXPECT_THAT(shown(GuestEscapes::all), EndsWith("\n" + std::string(guest_says)));
}

} // namespace
} // namespace lab::cli
