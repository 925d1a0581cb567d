// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/console/shell_console.h"

#include "base/error.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace lab::test {

ShellConsole::ShellConsole(Echo echo) {
    listen();
    start_shell(echo);
    server_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

ShellConsole::~ShellConsole() {
    die();
}

void ShellConsole::die() {
    server_.request_stop();
    if (server_.joinable()) {
        server_.join();
    }
    client_.reset();
    listener_.reset();
    std::filesystem::remove(socket());
    if (shell_ > 0) {
        ::kill(-shell_, SIGKILL);
        ::waitpid(shell_, nullptr, 0);
        shell_ = -1;
    }
}

void ShellConsole::print(const std::string& text) {
    if (::write(slave_.get(), text.data(), text.size()) < 0) {
        throw errno_error("write to", "the terminal");
    }
}

void ShellConsole::start_shell(Echo echo) {
    terminal_ = FileDescriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ::grantpt(terminal_.get());
    ::unlockpt(terminal_.get());
    std::array<char, 64> name{};
    ::ptsname_r(terminal_.get(), name.data(), name.size());
    slave_ = FileDescriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    ::tcgetattr(slave_.get(), &settings);
    if (echo == Echo::off) {
        settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    }
    ::tcsetattr(slave_.get(), TCSANOW, &settings);
    shell_ = ::fork();
    if (shell_ == 0) {
        ::setsid();
        ::ioctl(slave_.get(), TIOCSCTTY, 0);
        ::dup2(slave_.get(), 0);
        ::dup2(slave_.get(), 1);
        ::dup2(slave_.get(), 2);
        ::execl("/bin/sh", "sh", nullptr);
        ::_exit(127);
    }
}

void ShellConsole::listen() {
    listener_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().string().copy(&address.sun_path[0], sizeof address.sun_path - 1);
    const auto* general = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (::bind(listener_.get(), general, sizeof address) != 0 ||
        ::listen(listener_.get(), 1) != 0) {
        throw errno_error("listen on", socket().string());
    }
}

bool ShellConsole::copy(int from, int to) {
    std::array<char, 4096> buffer{};
    const auto count = ::read(from, buffer.data(), buffer.size());
    ssize_t sent = 0;
    while (to >= 0 && sent < count) {
        const auto more = ::write(to, buffer.data() + sent, static_cast<std::size_t>(count - sent));
        if (more < 0) {
            return false;
        }
        sent += more;
    }
    return count > 0;
}

void ShellConsole::serve(const std::stop_token& stop) {
    ::signal(SIGPIPE, SIG_IGN);
    while (!stop.stop_requested()) {
        std::array<pollfd, 3> wait{pollfd{terminal_.get(), POLLIN, 0},
                                   pollfd{client_ ? -1 : listener_.get(), POLLIN, 0},
                                   pollfd{client_.get(), POLLIN, 0}};
        if (::poll(wait.data(), wait.size(), 20) <= 0) {
            continue;
        }
        if (wait[0].revents != 0) {
            copy(terminal_.get(), client_.get());
        }
        if (wait[1].revents != 0) {
            client_ = FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        }
        if (wait[2].revents != 0 && !copy(client_.get(), terminal_.get())) {
            client_.reset();
        }
    }
}

} // namespace lab::test
