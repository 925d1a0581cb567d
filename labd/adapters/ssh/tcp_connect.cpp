// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/tcp_connect.h"

#include <algorithm>
#include <cerrno>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace lab::adapters {
namespace {

using Addresses = Handle<addrinfo, freeaddrinfo>;

/// Bounds how late a stop request is seen.
constexpr auto slice = std::chrono::milliseconds(100);

std::string cause_of(int code) {
    return std::generic_category().message(code);
}

bool wait_until(int descriptor, short events, const Deadline& deadline,
                const std::stop_token& stop) {
    while (!deadline.passed()) {
        if (wait_ready(descriptor, events, deadline, stop)) {
            return true;
        }
    }
    return false;
}

/// Probes after 15 s of silence, lost after 6 unanswered ones 5 s apart.
void set_options(int descriptor) {
    const auto set = [&](int level, int option, int value) {
        ::setsockopt(descriptor, level, option, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(IPPROTO_TCP, TCP_KEEPCNT, 6);
    set(IPPROTO_TCP, TCP_NODELAY, 1);
}

std::string await_connected(int descriptor, const Deadline& deadline, const std::stop_token& stop) {
    if (!wait_until(descriptor, POLLOUT, deadline, stop)) {
        return cause_of(ETIMEDOUT);
    }
    int code = 0;
    socklen_t size = sizeof code;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size);
    return code == 0 ? "" : cause_of(code);
}

TcpAttempt connect_one(const addrinfo& address, const Deadline& deadline,
                       const std::stop_token& stop) {
    TcpAttempt attempt;
    attempt.socket = FileDescriptor(::socket(
        address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
    if (!attempt.socket) {
        attempt.failure = cause_of(errno);
        return attempt;
    }
    set_options(attempt.socket.get());
    if (::connect(attempt.socket.get(), address.ai_addr, address.ai_addrlen) != 0 &&
        errno != EINPROGRESS) {
        attempt.failure = cause_of(errno);
        return attempt;
    }
    attempt.failure = await_connected(attempt.socket.get(), deadline, stop);
    if (attempt.failure.empty()) {
        attempt.failure = await_greeting(attempt.socket.get(), deadline, stop);
    }
    return attempt;
}

} // namespace

std::string await_greeting(int descriptor, const Deadline& deadline, const std::stop_token& stop) {
    if (!wait_until(descriptor, POLLIN, deadline, stop)) {
        return "connected, but the server says nothing";
    }
    char byte = 0;
    const auto count = ::recv(descriptor, &byte, 1, MSG_PEEK);
    if (count > 0) {
        return {};
    }
    return count == 0 ? "connected, but nobody serves the port" : cause_of(errno);
}

bool wait_ready(int descriptor, short events, const Deadline& deadline,
                const std::stop_token& stop) {
    throw_if_stopped(stop);
    pollfd wait{descriptor, events, 0};
    const auto time = std::min<Duration>(deadline.left(), slice);
    return ::poll(&wait, 1, static_cast<int>(time.count())) > 0;
}

TcpAttempt connect_to_greeting(const std::string& host, std::uint16_t port, Duration patience,
                               const std::stop_token& stop) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    const Addresses addresses(found);
    TcpAttempt attempt;
    if (code != 0) {
        attempt.failure = ::gai_strerror(code);
        return attempt;
    }
    for (const auto* address = found; address != nullptr; address = address->ai_next) {
        attempt = connect_one(*address, Deadline::in(patience), stop);
        if (attempt.failure.empty()) {
            break;
        }
    }
    return attempt;
}

} // namespace lab::adapters
