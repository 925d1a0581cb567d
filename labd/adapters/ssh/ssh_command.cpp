// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/ssh_command.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lab::adapters {
namespace {

/// How long output may stay open after the exit: without a byte, and in all.
constexpr auto linger_time = std::chrono::seconds(2);
constexpr auto longest_linger = std::chrono::seconds(5);

/// Signals of RFC 4254, section 6.10, with Linux's numbers.
constexpr std::array<std::pair<std::string_view, int>, 13> signals{{
    {"HUP", 1},
    {"INT", 2},
    {"QUIT", 3},
    {"ILL", 4},
    {"ABRT", 6},
    {"FPE", 8},
    {"KILL", 9},
    {"USR1", 10},
    {"SEGV", 11},
    {"USR2", 12},
    {"PIPE", 13},
    {"ALRM", 14},
    {"TERM", 15},
}};

} // namespace

SshCommand::SshCommand(ssh_session session, const ports::GuestCommand& command,
                       const ports::OutputSink& sink)
    : session_(session), command_(command), sink_(sink), deadline_(Deadline::in(command.timeout)),
      channel_(ssh_channel_new(session)), input_(command.standard_input),
      kept_(command.output_limit) {
    callbacks_.size = sizeof callbacks_;
    callbacks_.userdata = this;
    callbacks_.channel_exit_status_function = &SshCommand::on_status;
    callbacks_.channel_exit_signal_function = &SshCommand::on_signal;
    if (channel_) {
        ssh_set_channel_callbacks(channel_.get(), &callbacks_);
    }
}

SshCommand::~SshCommand() {
    // libssh keeps a freed channel until the other side has closed it, too.
    if (channel_) {
        ssh_remove_channel_callbacks(channel_.get(), &callbacks_);
    }
}

void SshCommand::on_status(ssh_session, ssh_channel, int status, void* self) {
    static_cast<SshCommand*>(self)->exit_code_ = status;
}

void SshCommand::on_signal(ssh_session, ssh_channel, const char* signal, int, const char*,
                           const char*, void* self) {
    const std::string_view name = signal != nullptr ? signal : "";
    const auto* const known = std::find_if(signals.begin(), signals.end(),
                                           [&](const auto& row) { return row.first == name; });
    static_cast<SshCommand*>(self)->exit_code_ = 128 + (known != signals.end() ? known->second : 0);
}

ports::CommandResult SshCommand::run(const std::stop_token& stop) {
    try {
        result_.end = start(stop)          ? converse(stop)
                      : deadline_.passed() ? ports::CommandEnd::timed_out
                                           : ports::CommandEnd::disconnected;
    } catch (const Cancelled&) {
        kill();
        throw;
    }
    if (result_.end == ports::CommandEnd::timed_out) {
        kill();
    }
    result_.exit_code = exit_code_.value_or(0);
    result_.output = kept_.text();
    result_.dropped_bytes = kept_.left_out();
    return std::move(result_);
}

bool SshCommand::start(const std::stop_token& stop) {
    auto* const channel = channel_.get();
    if (channel == nullptr || !is_alive(session_)) {
        return false;
    }
    const int opened = await_answer(
        session_, SSH_AGAIN, [&] { return ssh_channel_open_session(channel); }, deadline_, stop);
    if (opened != SSH_OK) {
        return false;
    }
    const auto execute = [&] {
        return ssh_channel_request_exec(channel, command_.command.c_str());
    };
    return await_answer(session_, SSH_AGAIN, execute, deadline_, stop) == SSH_OK;
}

ports::CommandEnd SshCommand::converse(const std::stop_token& stop) {
    auto linger = Deadline::in(linger_time);
    auto at_last = Deadline::in(longest_linger);
    for (;;) {
        bool busy = read(Stream::out);
        busy = read(Stream::err) || busy;
        if (ssh_channel_is_eof(channel_.get()) != 0) {
            // Reading takes no more packets now, but the exit status may still come.
            static_cast<void>(ssh_channel_get_exit_status(channel_.get()));
        }
        if (busy || !exit_code_) {
            linger = Deadline::in(linger_time);
        }
        if (!exit_code_) {
            at_last = Deadline::in(longest_linger);
        }
        if (exit_code_ && ((!busy && output_has_ended()) || linger.passed() || at_last.passed())) {
            result_.cut_short = !output_has_ended();
            return ports::CommandEnd::exited;
        }
        if (!busy && (!is_alive(session_) || ssh_channel_is_closed(channel_.get()) != 0)) {
            return ports::CommandEnd::disconnected;
        }
        if (deadline_.passed()) {
            return ports::CommandEnd::timed_out;
        }
        busy = write() || busy;
        throw_if_stopped(stop);
        if (!busy) {
            wait_for_peer(session_, deadline_, stop);
        }
    }
}

bool SshCommand::output_has_ended() const {
    return ssh_channel_is_eof(channel_.get()) != 0 || ssh_channel_is_closed(channel_.get()) != 0;
}

bool SshCommand::read(Stream stream) {
    std::array<char, 32768> buffer{};
    const int count = ssh_channel_read_nonblocking(channel_.get(), buffer.data(), buffer.size(),
                                                   stream == Stream::err ? 1 : 0);
    if (count <= 0) {
        return false;
    }
    keep({buffer.data(), static_cast<std::size_t>(count)});
    return true;
}

/// Sends as much input as the other side takes; true when something was sent.
bool SshCommand::write() {
    if (input_closed_) {
        return false;
    }
    if (input_.empty()) {
        input_closed_ = ssh_channel_send_eof(channel_.get()) == SSH_OK;
        return false;
    }
    const auto window = ssh_channel_window_size(channel_.get());
    const auto size = std::min<std::size_t>({input_.size(), window, 16384});
    if (size == 0) {
        return false;
    }
    const int count =
        ssh_channel_write(channel_.get(), input_.data(), static_cast<std::uint32_t>(size));
    if (count <= 0) {
        return false;
    }
    input_.remove_prefix(static_cast<std::size_t>(count));
    return true;
}

void SshCommand::keep(std::string_view bytes) {
    kept_.add(bytes);
    if (sink_) {
        sink_(bytes);
    }
}

void SshCommand::kill() {
    if (channel_ && is_alive(session_)) {
        ssh_channel_request_send_signal(channel_.get(), "KILL");
    }
}

} // namespace lab::adapters
