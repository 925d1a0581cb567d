// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/limits.h"
#include "server/reply.h"

#include <functional>
#include <httplib.h>
#include <optional>
#include <string>

namespace lab::server {

/// The bytes of one request and its answer on a socket, within limits: httplib has none for the
/// number of header lines, for a line's length while it reads it, and for the sum of its waits.
class RequestStream final : public httplib::Stream {
public:
    /// @param stopping  asked while it waits; true ends every wait. The socket stays the caller's.
    RequestStream(int socket, const RequestLimits& limits, std::function<bool()> stopping);

    /// Reads up to the empty line behind the headers, or to the end; a refusal when that is too
    /// long or takes too long.
    [[nodiscard]] std::optional<Refusal> read_head();

    /// Whether nothing came at all.
    [[nodiscard]] bool is_empty() const { return input_.empty(); }

    [[nodiscard]] bool is_readable() const override { return true; }
    [[nodiscard]] bool is_writable() const override { return true; }
    ssize_t read(char* data, std::size_t size) override;
    ssize_t write(const char* data, std::size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    [[nodiscard]] int socket() const override { return socket_; }

private:
    enum class Wanted { input, room };

    /// Whether the socket is ready before the deadline.
    [[nodiscard]] bool wait(Wanted wanted, const Deadline& deadline) const;
    [[nodiscard]] ssize_t receive(char* data, std::size_t size, const Deadline& deadline) const;

    int socket_;
    RequestLimits limits_;
    std::function<bool()> stopping_;
    std::string input_;     ///< the head, with what came along
    std::size_t taken_ = 0; ///< of the input, by httplib
    std::size_t body_read_ = 0;
    std::optional<Deadline> body_deadline_;
    std::optional<Deadline> answer_deadline_;
};

} // namespace lab::server
