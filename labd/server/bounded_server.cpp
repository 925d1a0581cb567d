// SPDX-License-Identifier: Apache-2.0
#include "server/bounded_server.h"

#include "api/codec.h"
#include "base/handle.h"
#include "server/connection_threads.h"
#include "server/request_stream.h"

#include <sys/socket.h>
#include <unistd.h>

namespace lab::server {
namespace {

/// The socket's mode keeps other users out; this holds even where a mode is not looked at.
bool is_own_client(int socket) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.uid == ::geteuid();
}

/// An answer before a request has been read, without waiting: it fits into the socket's buffer.
void refuse(int socket, const Refusal& refusal) {
    httplib::Response response;
    send_refusal(response, refusal);
    const auto text = "HTTP/1.1 " + std::to_string(refusal.status) +
                      " Refused\r\nContent-Type: application/json\r\nConnection: close\r\n" +
                      std::string(api::version_header) + ": " + std::to_string(api::api_version) +
                      "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" +
                      response.body;
    static_cast<void>(::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

} // namespace

BoundedServer::BoundedServer(const RequestLimits& limits) : limits_(limits) {
    new_task_queue = [most = limits.connections] {
        return new ConnectionThreads(most);
    };
    set_payload_max_length(limits.body.count);
}

void BoundedServer::widen_backlog() {
    ::listen(svr_sock_.load(), 128);
}

bool BoundedServer::process_and_close_socket(socket_t socket) {
    const FileDescriptor owner(socket);
    const bool served = serve(socket);
    ::shutdown(socket, SHUT_RDWR);
    return served;
}

bool BoundedServer::serve(int socket) {
    if (!is_own_client(socket)) {
        refuse(socket, {403, "labd: belongs to another user", ""});
        return false;
    }
    if (ConnectionThreads::is_beyond_limit()) {
        refuse(socket, {503,
                        "labd: too many requests at once (at most " +
                            std::to_string(limits_.connections) + ")",
                        "try again"});
        return false;
    }
    RequestStream stream(socket, limits_, [this] { return svr_sock_ == INVALID_SOCKET; });
    if (const auto refusal = stream.read_head()) {
        refuse(socket, *refusal);
        return false;
    }
    bool closed = false;
    return !stream.is_empty() && process_request(stream, true, closed, nullptr);
}

} // namespace lab::server
