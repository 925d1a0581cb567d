// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/ssh_session.h"

#include "adapters/ssh/ssh_command.h"
#include "adapters/ssh/ssh_connection.h"

namespace lab::adapters {
namespace {

class SshSession : public ports::GuestSession {
public:
    explicit SshSession(SshHandle session) : session_(std::move(session)) {}

    SshSession(const SshSession&) = delete;
    SshSession& operator=(const SshSession&) = delete;
    ~SshSession() override { ssh_disconnect(session_.get()); }

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        throw_if_stopped(stop);
        return SshCommand(session_.get(), command, sink).run(stop);
    }

private:
    SshHandle session_;
};

} // namespace

std::unique_ptr<ports::GuestSession> open_ssh_session(const ports::SshEndpoint& endpoint,
                                                      const Timeout& timeout,
                                                      const std::stop_token& stop) {
    return std::make_unique<SshSession>(connect_ssh(endpoint, timeout, stop));
}

ports::HostKey ask_ssh_host_key(const ports::SshEndpoint& endpoint, const Timeout& timeout,
                                const std::stop_token& stop) {
    return ask_host_key(endpoint, timeout, stop);
}

} // namespace lab::adapters
