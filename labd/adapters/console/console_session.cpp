// SPDX-License-Identifier: Apache-2.0
#include "adapters/console/console_session.h"

#include "adapters/console/console_output.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/ids.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>

namespace lab::adapters {
namespace {

constexpr std::size_t command_limit = 8192;

/// Longest part of a command in one typed line. Quoting makes it four times as long at most, and a
/// terminal in line mode takes 4095 bytes.
constexpr std::size_t part_size = 900;

constexpr auto poll_slice = std::chrono::milliseconds(100);
constexpr auto connect_pause = std::chrono::milliseconds(50);

/// The shell may have thrown away what was typed before it was ready, so it is asked again.
constexpr auto first_answer = std::chrono::milliseconds(1000);

void check(const ports::GuestCommand& command) {
    if (!command.standard_input.empty()) {
        throw Error(ErrorCode::bad_input,
                    "console session: a command gets no standard input (only over SSH)");
    }
    if (command.command.size() > command_limit) {
        throw Error(ErrorCode::bad_input,
                    "console session: the command has " + std::to_string(command.command.size()) +
                        " bytes (at most " + std::to_string(command_limit) + ")");
    }
    const bool typable = std::all_of(command.command.begin(), command.command.end(), [](char byte) {
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f) || byte < 0;
    });
    if (!typable) {
        throw Error(ErrorCode::bad_input, "console session: the command contains a line break or "
                                          "another control character (only tabs are allowed)");
    }
}

/// What is typed for a command. It starts with a line of its own, which ends any half-typed one.
std::string typed_text(const std::string& command, const std::string& nonce) {
    const std::string head = "\necho LAB-BEGIN " + nonce + "; sh -c ";
    const std::string tail = "; echo LAB-END " + nonce + " $?\n";
    if (command.size() <= part_size) {
        return head + shell_quote(command) + tail;
    }
    std::string text = "\nlab_command=\n";
    for (std::size_t start = 0; start < command.size(); start += part_size) {
        text +=
            "lab_command=\"$lab_command\"" + shell_quote(command.substr(start, part_size)) + "\n";
    }
    return text + head.substr(1) + "\"$lab_command\"" + tail;
}

/// Connected stream socket, or an empty one with errno set.
FileDescriptor connect_to(const std::filesystem::path& path) {
    const auto text = path.string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (text.size() >= sizeof address.sun_path) {
        throw Error(ErrorCode::bad_input, text + ": the path of the console socket has " +
                                              std::to_string(text.size()) + " bytes (at most " +
                                              std::to_string(sizeof address.sun_path - 1) + ")");
    }
    text.copy(&address.sun_path[0], text.size());
    FileDescriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // The C API wants the general address type.
    const auto* general = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (!descriptor || ::connect(descriptor.get(), general, sizeof address) != 0) {
        const int cause = errno;
        descriptor.reset();
        errno = cause;
    }
    return descriptor;
}

/// Types one command and reads until its end. One object a command.
class Dialogue {
public:
    Dialogue(FileDescriptor console, std::string text)
        : console_(std::move(console)), text_(std::move(text)) {}

    ports::CommandEnd run(ConsoleOutput& output, const Deadline& deadline,
                          const std::stop_token& stop) {
        for (;;) {
            throw_if_stopped(stop);
            if (deadline.passed()) {
                return ports::CommandEnd::timed_out;
            }
            const short events = text_.empty() ? POLLIN : POLLIN | POLLOUT;
            pollfd wait{console_.get(), events, 0};
            const auto slice = std::min<Duration>(deadline.left(), poll_slice);
            if (::poll(&wait, 1, static_cast<int>(slice.count())) <= 0) {
                continue;
            }
            // Reading first: the guest's UART takes no input while its output is stuck.
            if ((wait.revents & ~POLLOUT) != 0 && !read(output)) {
                return ports::CommandEnd::disconnected;
            }
            if (ended_) {
                return ports::CommandEnd::exited;
            }
            if ((wait.revents & POLLOUT) != 0 && !write()) {
                return ports::CommandEnd::disconnected;
            }
        }
    }

private:
    static bool again() { return errno == EINTR || errno == EAGAIN; }

    /// False at the end of the stream.
    bool read(ConsoleOutput& output) {
        std::array<char, 16384> buffer{};
        const auto count = ::read(console_.get(), buffer.data(), buffer.size());
        if (count <= 0) {
            return count < 0 && again();
        }
        ended_ = output.feed({buffer.data(), static_cast<std::size_t>(count)});
        return true;
    }

    bool write() {
        const auto count = ::send(console_.get(), text_.data(), text_.size(), MSG_NOSIGNAL);
        if (count < 0) {
            return again();
        }
        text_.erase(0, static_cast<std::size_t>(count));
        return true;
    }

    FileDescriptor console_;
    std::string text_;
    bool ended_ = false;
};

class ConsoleSession : public ports::GuestSession {
public:
    explicit ConsoleSession(std::filesystem::path socket) : socket_(std::move(socket)) {}

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        check(command);
        throw_if_stopped(stop);
        const auto nonce = random_hex(16);
        ConsoleOutput output(nonce, command.output_limit, sink);
        auto console = connect_to(socket_);
        if (!console) {
            return std::move(output).take(ports::CommandEnd::disconnected);
        }
        Dialogue dialogue(std::move(console), typed_text(command.command, nonce));
        const auto end = dialogue.run(output, Deadline::in(command.timeout), stop);
        return std::move(output).take(end);
    }

private:
    std::filesystem::path socket_;
};

[[noreturn]] void report_silence(const std::filesystem::path& socket, const Timeout& timeout,
                                 ports::CommandEnd last) {
    const auto* const what = last == ports::CommandEnd::disconnected
                                 ? "nobody serves the console socket"
                                 : "the shell on the console did not answer";
    throw Error(ErrorCode::infra,
                socket.string() + ": " + what + " within " + format_duration(timeout.length));
}

} // namespace

std::unique_ptr<ports::GuestSession> open_console_session(const std::filesystem::path& socket,
                                                          const Timeout& timeout,
                                                          const std::stop_token& stop) {
    const auto deadline = Deadline::in(timeout);
    auto session = std::make_unique<ConsoleSession>(socket);
    Duration patience = first_answer;
    for (;;) {
        ports::GuestCommand question;
        question.command = ":";
        question.timeout = {std::min(patience, deadline.left()), timeout.clock};
        const auto answer = session->run(question, nullptr, stop);
        if (answer.end == ports::CommandEnd::exited) {
            return session;
        }
        if (deadline.left() == Duration::zero()) {
            report_silence(socket, timeout, answer.end);
        }
        if (answer.end == ports::CommandEnd::disconnected) {
            sleep_for(std::min(deadline.left(), connect_pause), stop);
        } else {
            patience *= 2;
        }
    }
}

} // namespace lab::adapters
