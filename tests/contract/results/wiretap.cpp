// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/results/wiretap.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lab::test {
namespace {

constexpr int longest_wait = 60'000; // ms

sockaddr_in place(const std::string& address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &out.sin_addr);
    return out;
}

const sockaddr* as_address(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

FileDescriptor stream_socket() {
    return FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/// PostgreSQL's clients ask first whether they may speak TLS.
const std::string ssl_request("\x00\x00\x00\x08\x04\xD2\x16\x2F", 8);

/// MySQL's servers say in their greeting what they can: behind header, protocol, version, thread
/// and scramble, in two bytes; 0x0800 is TLS.
void deny_tls(std::string& greeting) {
    const auto version_end = greeting.find('\0', 5);
    const auto high_byte = version_end + 1 + 4 + 8 + 1 + 1;
    greeting.at(high_byte) = static_cast<char>(greeting.at(high_byte) & ~0x08);
}

} // namespace

Wiretap::Wiretap(adapters::StoreKind kind, const std::string& address, std::uint16_t port, Tls tls)
    : kind_(kind), address_(address), server_port_(port), tls_(tls), listener_(stream_socket()),
      wake_(::eventfd(0, EFD_CLOEXEC)) {
    auto here = place("127.0.0.1", 0);
    socklen_t size = sizeof(here);
    if (::bind(listener_.get(), as_address(here), size) != 0 || ::listen(listener_.get(), 8) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&here), &size) != 0) {
        throw errno_error("listen at", "127.0.0.1");
    }
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { listen(); });
}

Wiretap::~Wiretap() {
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
}

std::string Wiretap::said() {
    std::unique_lock lock(mutex_);
    closed_.wait_for(lock, std::chrono::milliseconds(longest_wait), [&] { return served_; });
    return said_;
}

void Wiretap::hear(const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    said_ += bytes;
}

void Wiretap::listen() {
    for (;;) {
        std::array<pollfd, 2> ready{{{listener_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), longest_wait) <= 0 || ready[1].revents != 0) {
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            served_ = false;
        }
        serve(FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
        const std::lock_guard lock(mutex_);
        served_ = true;
        closed_.notify_all();
    }
}

void Wiretap::serve(FileDescriptor client) {
    const auto server = stream_socket();
    const auto there = place(address_, server_port_);
    greeted_ = false;
    if (::connect(server.get(), as_address(there), sizeof(there)) != 0) {
        return;
    }
    for (;;) {
        std::array<pollfd, 3> ready{
            {{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), longest_wait) <= 0 || ready[2].revents != 0) {
            return;
        }
        if (ready[0].revents != 0 && !pump(client.get(), server.get(), true)) {
            return;
        }
        if (ready[1].revents != 0 && !pump(server.get(), client.get(), false)) {
            return;
        }
    }
}

bool Wiretap::pump(int from, int to, bool from_client) {
    std::string bytes(65536, '\0');
    const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
    if (count <= 0) {
        return false;
    }
    bytes.resize(static_cast<std::size_t>(count));
    const bool deny = tls_ == Tls::denied;
    if (from_client) {
        hear(bytes);
        if (deny && kind_ == adapters::StoreKind::postgresql && bytes == ssl_request) {
            return ::send(from, "N", 1, MSG_NOSIGNAL) == 1;
        }
    } else if (deny && kind_ == adapters::StoreKind::mysql && !greeted_) {
        deny_tls(bytes);
        greeted_ = true;
    }
    return ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL) == count;
}

} // namespace lab::test
