// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/files.h"
#include "base/handle.h"
#include "ports/guest_session.h"

#include <atomic>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace lab::test {

/// The system's sshd for the current user on a port of 127.0.0.1 that the kernel picks, with keys
/// of its own. The test accepts the connections and hands each to an `sshd -i`, so there is no race
/// for the port and each connection can be cut.
class SshServer {
public:
    SshServer();
    SshServer(const SshServer&) = delete;
    SshServer& operator=(const SshServer&) = delete;
    ~SshServer();

    /// An endpoint that everything is right in.
    [[nodiscard]] ports::SshEndpoint endpoint() const;

    /// A fresh key pair; returns the path of its private half.
    [[nodiscard]] std::filesystem::path make_key(const std::string& name) const;
    [[nodiscard]] static std::string public_half(const std::filesystem::path& key);

    /// The next connections are accepted and closed at once, as a port forward does whose guest
    /// does not listen yet.
    void hang_up_on(int connections) { hang_ups_ = connections; }

    /// Kills every sshd of this server: the guest dies.
    void cut();

private:
    void serve(const std::stop_token& stop);
    void hand_over(int connection);

    TemporaryDirectory directory_{"/tmp", "lab-"};
    std::uint16_t port_ = 0;
    FileDescriptor listener_; // sets port_
    std::string program_;
    std::string config_;
    std::atomic<int> hang_ups_ = 0;
    std::atomic<pid_t> last_ = -1;
    std::jthread server_;
};

} // namespace lab::test
