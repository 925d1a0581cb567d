// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/error.h"
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
    std::string output = {};         ///< stdout and stderr together, as KeptOutput::text() has it
    std::uint64_t dropped_bytes = 0; ///< output beyond the limit
    bool cut_short = false;          ///< others held the output open behind the command's end
};

/// Runs commands in one booted guest or machine. Not thread-safe.
class GuestSession {
public:
    virtual ~GuestSession() = default;

    /// The command has ended when its own process has: output that others hold open is read for
    /// some seconds at most.
    /// @throws Cancelled  when stop was requested.
    [[nodiscard]] virtual CommandResult run(const GuestCommand& command, const OutputSink& sink,
                                            const std::stop_token& stop) = 0;
};

/// Whether the ssh configuration and the keys of the user who runs labd take part.
enum class UserSetup {
    ignored, ///< host, port, user and key stand in the endpoint
    used,    ///< `host` may be a Host of the configuration; what is 0 or empty comes from there
};

/// Where an SSH session goes and how both sides prove who they are.
struct SshEndpoint {
    std::string host = "127.0.0.1";
    std::uint16_t port = 22;
    std::string user = "root";
    std::filesystem::path key; ///< private key file; empty with the user's setup: those of it
    std::string host_key;      ///< pinned: "ssh-ed25519 AAAA..."; another key is refused
    UserSetup user_setup = UserSetup::ignored;
};

/// What the user's known_hosts says of a host key.
enum class KnownHost { yes, no, changed };

/// The key by which a machine proves who it is.
struct HostKey {
    std::string text;        ///< "<type> <base64>", as SshEndpoint::host_key takes it
    std::string fingerprint; ///< "SHA256:..."
    KnownHost known = KnownHost::no;
};

/// Nothing at the other end answers; who it is and whom it lets in is not known.
class NoAnswer : public Error {
public:
    explicit NoAnswer(const std::string& message, std::string hint = {})
        : Error(ErrorCode::infra, message, std::move(hint)) {}
};

/// Opens sessions. Thread-safe.
class SessionFactory {
public:
    virtual ~SessionFactory() = default;

    /// Tries until it answers or `timeout` has passed.
    /// @throws NoAnswer
    /// @throws Error infra      refused key, or a host key other than the pinned one.
    /// @throws Cancelled        when stop was requested.
    [[nodiscard]] virtual std::unique_ptr<GuestSession>
    open_ssh(const SshEndpoint& endpoint, const Timeout& timeout, const std::stop_token& stop) = 0;

    /// The key that the machine shows now, whatever the endpoint has; nobody logs in.
    /// @throws NoAnswer, Cancelled
    [[nodiscard]] virtual HostKey ask_host_key(const SshEndpoint& endpoint, const Timeout& timeout,
                                               const std::stop_token& stop) = 0;

    /// Session with the shell that the guest runs on its serial console after its ready mark.
    [[nodiscard]] virtual std::unique_ptr<GuestSession>
    open_console(const std::filesystem::path& socket, const Timeout& timeout,
                 const std::stop_token& stop) = 0;
};

} // namespace lab::ports
