// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <httplib.h>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lab::test {

/// One request that arrived.
struct Received {
    std::string method;
    std::string path;
    httplib::Headers headers;
    std::string body;
};

/// Key and certificate of a server.
struct Identity {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// A self-signed identity for a host name or address, for example "IP:127.0.0.1".
[[nodiscard]] Identity make_identity(const std::filesystem::path& directory,
                                     const std::string& alternative_name);

/// An HTTP server on loopback that records what arrives. The path decides what it answers:
/// /busy 429 with Retry-After 2, /error 500, /redirect to /ok, /hang nothing, /huge 1 GiB, /echo
/// 400 with path and Authorization, anything else 200 and {"ok":true,"id":"77"}; but a PATCH of
/// something in /forgetful is 404.
class Receiver {
public:
    Receiver();                                  ///< http
    explicit Receiver(const Identity& identity); ///< https
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    ~Receiver();

    [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string url(const std::string& path = "") const;
    [[nodiscard]] std::vector<Received> requests() const;

    /// requests(), as soon as there are so many, or after 20 s.
    [[nodiscard]] std::vector<Received> await(std::size_t count);
    [[nodiscard]] std::uint64_t huge_bytes() const { return huge_bytes_; }

private:
    void start();
    void record(const httplib::Request& request);
    void answer(const httplib::Request& request, httplib::Response& response);

    std::string scheme_;
    std::unique_ptr<httplib::Server> server_;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::vector<Received> requests_;
    std::atomic<std::uint64_t> huge_bytes_ = 0;
    std::thread thread_;
};

} // namespace lab::test
