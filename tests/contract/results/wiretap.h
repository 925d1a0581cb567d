// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/store_url.h"
#include "base/handle.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace lab::test {

/// Somebody between a client and a database server on loopback: hears what the client says, and
/// may tell it that the server offers no TLS, as an attacker would. One connection after another.
class Wiretap {
public:
    enum class Tls { passed_on, denied };

    /// @param server  IPv4 address and port of a server on loopback.
    Wiretap(adapters::StoreKind kind, const std::string& address, std::uint16_t port, Tls tls);
    Wiretap(const Wiretap&) = delete;
    Wiretap& operator=(const Wiretap&) = delete;
    ~Wiretap();

    /// Where to connect to instead of the server, at 127.0.0.1.
    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// All that clients have said, once the connections that were made are closed.
    [[nodiscard]] std::string said();

private:
    void listen();
    void serve(FileDescriptor client);
    /// Hands on what `from` said. Whether there is more to come.
    bool pump(int from, int to, bool from_client);
    void hear(const std::string& bytes);

    adapters::StoreKind kind_;
    std::string address_;
    std::uint16_t server_port_;
    Tls tls_;
    FileDescriptor listener_;
    FileDescriptor wake_;
    std::uint16_t port_ = 0;
    bool greeted_ = false;
    std::mutex mutex_;
    std::condition_variable closed_;
    std::string said_;
    bool served_ = false;
    std::thread thread_;
};

} // namespace lab::test
