// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/ssh/ssh_connection.h"
#include "base/kept_output.h"

#include <libssh/callbacks.h>
#include <optional>
#include <string>

namespace lab::adapters {

/// One command on one channel of a connected session. Not thread-safe.
class SshCommand {
public:
    SshCommand(ssh_session session, const ports::GuestCommand& command,
               const ports::OutputSink& sink);
    SshCommand(const SshCommand&) = delete;
    SshCommand& operator=(const SshCommand&) = delete;
    ~SshCommand();

    /// Runs it to its end. Call once.
    /// @throws Cancelled  when stop was requested.
    [[nodiscard]] ports::CommandResult run(const std::stop_token& stop);

private:
    using Channel = Handle<ssh_channel_struct, ssh_channel_free>;
    enum class Stream { out = 0, err = 1 };

    [[nodiscard]] bool start(const std::stop_token& stop);
    [[nodiscard]] ports::CommandEnd converse(const std::stop_token& stop);
    [[nodiscard]] bool output_has_ended() const;
    bool read(Stream stream);
    bool write();
    void keep(std::string_view bytes);
    void kill();

    static void on_status(ssh_session, ssh_channel, int status, void* self);
    static void on_signal(ssh_session, ssh_channel, const char* signal, int, const char*,
                          const char*, void* self);

    ssh_session session_;
    const ports::GuestCommand& command_;
    const ports::OutputSink& sink_;
    Deadline deadline_;
    ssh_channel_callbacks_struct callbacks_{}; // before the channel: it must outlive it
    Channel channel_;
    std::string_view input_;
    bool input_closed_ = false;
    std::optional<int> exit_code_;
    KeptOutput kept_;
    ports::CommandResult result_;
};

} // namespace lab::adapters
