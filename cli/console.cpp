// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/handle.h"
#include "base/terminal_filter.h"
#include "cli/enter.h"
#include "cli/follow.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

namespace lab::cli {
namespace {

constexpr char leave_key = 0x1d; // Ctrl-]

/// The terminal in raw mode; as it was when the owner goes.
class RawTerminal {
public:
    RawTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) == 0) {
            auto raw = before_;
            ::cfmakeraw(&raw);
            changed_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
        }
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    ~RawTerminal() {
        if (changed_) {
            ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        }
    }

private:
    termios before_{};
    bool changed_ = false;
};

FileDescriptor connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) {
        throw Error(ErrorCode::conflict, "console: the machine has no socket for it");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    FileDescriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!descriptor || ::connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&address),
                                 sizeof(address)) != 0) {
        throw Error(ErrorCode::infra,
                    std::string("console: cannot connect: ") + std::strerror(errno),
                    "it may be in use by another console, or the machine has stopped");
    }
    return descriptor;
}

/// Returns false when the receiver is gone.
bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

/// Copies both ways until one of the ends is reached.
class Pump {
public:
    Pump(int console, const ConsoleOptions& options)
        : console_(console), quiet_time_(options.quiet_time),
          terminal_(::isatty(STDIN_FILENO) != 0),
          filters_(options.escapes == GuestEscapes::drawing && ::isatty(STDOUT_FILENO) != 0) {}

    int run() {
        while (!interrupted()) {
            std::array<pollfd, 2> waiting{{{console_, POLLIN, 0}, {input_, POLLIN, 0}}};
            const int wait =
                input_ < 0 && quiet_time_ ? static_cast<int>(quiet_time_->count()) : -1;
            const int ready = ::poll(waiting.data(), waiting.size(), wait);
            if (ready == 0) {
                return 0;
            }
            if (ready > 0 &&
                !(take(waiting[0], &Pump::from_console) && take(waiting[1], &Pump::from_input))) {
                return 0;
            }
        }
        return 130;
    }

private:
    bool take(const pollfd& source, bool (Pump::*copy)()) {
        return source.revents == 0 || (this->*copy)();
    }

    bool from_console() {
        const auto bytes = read(console_);
        if (bytes.empty()) {
            return false;
        }
        return write_all(STDOUT_FILENO, filters_ ? filter_.feed(bytes) : std::string(bytes));
    }

    bool from_input() {
        const auto bytes = read(STDIN_FILENO);
        if (bytes.empty()) {
            input_ = -1;
            return !terminal_;
        }
        const auto leave = terminal_ ? bytes.find(leave_key) : std::string_view::npos;
        return write_all(console_, bytes.substr(0, leave)) && leave == std::string_view::npos;
    }

    std::string_view read(int descriptor) {
        const auto count = ::read(descriptor, buffer_.data(), buffer_.size());
        return {buffer_.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
    }

    int console_;
    int input_ = STDIN_FILENO;
    std::optional<Duration> quiet_time_;
    bool terminal_;
    bool filters_;
    TerminalFilter filter_;
    std::array<char, 4096> buffer_{};
};

} // namespace

int attach_console(const std::string& socket, const ConsoleOptions& options) {
    const auto console = connect_to(socket);
    catch_signals();
    Pump pump(console.get(), options);
    if (::isatty(STDIN_FILENO) == 0) {
        return pump.run();
    }
    std::cerr << "connected; Ctrl-] leaves\n" << std::flush;
    const RawTerminal raw;
    return pump.run();
}

} // namespace lab::cli
