// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/units.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace lab::ports {

/// Receives output of a guest as it comes: foreign bytes, in order, from one thread.
using OutputSink = std::function<void(std::string_view bytes)>;

struct GuestCommand {
    std::string command;             ///< text for the guest's POSIX shell
    std::string standard_input = {}; ///< SSH only; a console session refuses a text here
    Timeout timeout = std::chrono::minutes(1);
    Bytes output_limit = mebibytes(1); ///< of what CommandResult keeps; the sink sees everything
};

enum class CommandEnd {
    exited,
    timed_out,   ///< no end within the timeout; what it does in the guest is unknown
    disconnected ///< the session broke: guest died, connection lost
};

struct CommandResult {
    CommandEnd end = CommandEnd::exited;
    int exit_code = 0;               ///< 128 + signal when a signal ended it; only for `exited`
    std::string output = {};         ///< stdout and stderr together, the first output_limit bytes
    std::uint64_t dropped_bytes = 0; ///< output beyond the limit
};

/// Runs commands in one booted guest or machine. Not thread-safe.
class GuestSession {
public:
    virtual ~GuestSession() = default;

    /// @throws Cancelled  when stop was requested.
    [[nodiscard]] virtual CommandResult run(const GuestCommand& command, const OutputSink& sink,
                                            const std::stop_token& stop) = 0;
};

/// Where an SSH session goes and how both sides prove who they are.
struct SshEndpoint {
    std::string host = "127.0.0.1";
    std::uint16_t port = 22;
    std::string user = "root";
    std::filesystem::path key; ///< private key file
    std::string host_key;      ///< pinned: "ssh-ed25519 AAAA..."; another key is refused
};

/// Opens sessions. Thread-safe.
class SessionFactory {
public:
    virtual ~SessionFactory() = default;

    /// Tries until it answers or `timeout` has passed.
    /// @throws Error infra      no answer, refused key, or a host key other than the pinned one.
    /// @throws Cancelled        when stop was requested.
    [[nodiscard]] virtual std::unique_ptr<GuestSession>
    open_ssh(const SshEndpoint& endpoint, const Timeout& timeout, const std::stop_token& stop) = 0;

    /// Session with the shell that the guest runs on its serial console after its ready mark.
    [[nodiscard]] virtual std::unique_ptr<GuestSession>
    open_console(const std::filesystem::path& socket, const Timeout& timeout,
                 const std::stop_token& stop) = 0;
};

} // namespace lab::ports
