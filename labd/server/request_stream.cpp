// SPDX-License-Identifier: Apache-2.0
#include "server/request_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>

namespace lab::server {
namespace {

constexpr const char* end_of_head = "\r\n\r\n";
constexpr std::size_t piece = 4096;

/// Between two looks at whether the server stops.
constexpr Duration look = std::chrono::milliseconds(200);

} // namespace

RequestStream::RequestStream(int socket, const RequestLimits& limits,
                             std::function<bool()> stopping)
    : socket_(socket), limits_(limits), stopping_(std::move(stopping)) {}

std::optional<Refusal> RequestStream::read_head() {
    const auto deadline = Deadline::in(limits_.head_time);
    std::array<char, piece> buffer{};
    for (std::size_t seen = 0; input_.find(end_of_head, seen) == std::string::npos;) {
        if (input_.size() >= limits_.head.count) {
            return Refusal{431,
                           "request headers: too long (at most " + format_bytes(limits_.head) +
                               " together)",
                           ""};
        }
        seen = input_.size() - std::min<std::size_t>(input_.size(), 3);
        const auto count = receive(buffer.data(), buffer.size(), deadline);
        if (count < 0) {
            return Refusal{408,
                           "request headers: not there in time (at most " +
                               format_duration(limits_.head_time) + ")",
                           ""};
        }
        if (count == 0) {
            break; // what is wrong with it, httplib says
        }
        input_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    body_deadline_ = Deadline::in(limits_.body_time);
    return std::nullopt;
}

ssize_t RequestStream::read(char* data, std::size_t size) {
    if (taken_ < input_.size()) {
        const auto count = std::min(size, input_.size() - taken_);
        std::memcpy(data, input_.data() + taken_, count);
        taken_ += count;
        return static_cast<ssize_t>(count);
    }
    // A little more than the limit of a body, so that it is httplib that refuses by the length.
    if (!body_deadline_ || body_read_ > limits_.body.count + piece) {
        return -1;
    }
    const auto count = receive(data, std::min(size, piece), *body_deadline_);
    body_read_ += count > 0 ? static_cast<std::size_t>(count) : 0;
    return count;
}

ssize_t RequestStream::write(const char* data, std::size_t size) {
    if (!answer_deadline_) {
        answer_deadline_ = Deadline::in(limits_.answer_time);
    }
    do {
        const auto count = ::send(socket_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return count;
        }
    } while (wait(Wanted::room, *answer_deadline_));
    return -1;
}

bool RequestStream::wait(Wanted wanted, const Deadline& deadline) const {
    const auto events = static_cast<short>(wanted == Wanted::input ? POLLIN : POLLOUT);
    while (!deadline.passed() && !stopping_()) {
        pollfd waited{socket_, events, 0};
        const auto time = std::min(look, deadline.left() + std::chrono::milliseconds(1));
        if (::poll(&waited, 1, static_cast<int>(time.count())) > 0) {
            return true;
        }
    }
    return false;
}

ssize_t RequestStream::receive(char* data, std::size_t size, const Deadline& deadline) const {
    do {
        const auto count = ::recv(socket_, data, size, MSG_DONTWAIT);
        if (count >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return count;
        }
    } while (wait(Wanted::input, deadline));
    return -1;
}

void RequestStream::get_remote_ip_and_port(std::string& ip, int& port) const {
    ip.clear();
    port = 0;
}

void RequestStream::get_local_ip_and_port(std::string& ip, int& port) const {
    get_remote_ip_and_port(ip, port);
}

} // namespace lab::server
