// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/limits.h"

#include <httplib.h>

namespace lab::server {

/// httplib's server on a unix socket, for one request a connection, which stays usable whatever its
/// clients do: see RequestLimits and ConnectionThreads.
class BoundedServer : public httplib::Server {
public:
    explicit BoundedServer(const RequestLimits& limits);

    /// httplib listens with room for five waiting connections; more would be refused at once,
    /// because a unix socket's connect does not wait when it is non-blocking.
    void widen_backlog();

private:
    bool process_and_close_socket(socket_t socket) override;
    bool serve(int socket);

    RequestLimits limits_;
};

} // namespace lab::server
