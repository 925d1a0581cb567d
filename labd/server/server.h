// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/service.h"
#include "engine/sut_service.h"
#include "server/limits.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace lab::server {

/// What is served; all of it outlives the server.
struct Services {
    engine::JobService& jobs;
    engine::LabService& lab;
    engine::OutboxService& outbox;
    engine::SutService& suts;
};

struct ServerOptions {
    std::filesystem::path socket;    ///< at most 107 bytes; a stale file there is replaced
    std::filesystem::path state_dir; ///< shown by the status
    std::string version;             ///< of labd

    /// Called in a request's thread when a client asks labd to end; must not wait for run().
    std::function<void()> on_shutdown;

    RequestLimits limits = {};
};

/// HTTP + JSON over a unix socket in front of the services (docs/api.md).
///
/// The caller must hold the lock of the state directory: a socket file that is there already is
/// taken for a stale one. Only the socket's owner can connect: directory 0700, socket 0600.
class Server {
public:
    /// Binds the socket, so that clients can connect (and wait) as soon as this returns.
    /// @throws Error bad_input  when the socket's path is too long.
    /// @throws Error conflict   when the socket's directory belongs to or is open to others.
    /// @throws Error infra      when it cannot be bound.
    Server(const Services& services, ServerOptions options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Removes the socket.
    ~Server();

    /// Serves until stop(); returns when the last request is answered.
    void run();

    /// Ends run() within about a second; long polls are answered early. Thread-safe, may be called
    /// from a request and before run().
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace lab::server
