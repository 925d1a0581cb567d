// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/workshop.h"
#include "ports/sut_store.h"

#include <memory>
#include <optional>
#include <string>

namespace lab::engine {

/// The SSH endpoint of a machine that was added.
[[nodiscard]] ports::SshEndpoint endpoint_of(const ports::Sut& sut);

/// One connection to a machine by SSH, on which commands run as root. For one thread at a time.
class SutLink {
public:
    SutLink(ports::SessionFactory& sessions, const ports::Sut& sut)
        : sessions_(sessions), endpoint_(endpoint_of(sut)), name_(sut.name) {}

    /// Connects anew, within `timeout`.
    /// @throws Error infra  no answer, refused or changed key, or a user who may not act as root.
    /// @throws Cancelled
    void open(Duration timeout, const std::stop_token& stop);

    void close() { session_.reset(); }

    /// Runs one command; without a connection it is CommandEnd::disconnected.
    [[nodiscard]] ports::CommandResult
    run(ports::GuestCommand command, const ports::OutputSink& sink, const std::stop_token& stop);

    /// Runs a POSIX sh script, `set -eu` first; returns what it printed.
    /// @throws Error infra  when it fails: its last line says why; a full disk in words of its own.
    [[nodiscard]] std::string run_script(const GuestScript& script, const ports::OutputSink& sink,
                                         const std::stop_token& stop);

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    void check_root(const std::stop_token& stop);

    ports::SessionFactory& sessions_;
    const ports::SshEndpoint endpoint_;
    const std::string name_;
    std::unique_ptr<ports::GuestSession> session_;
    bool by_sudo_ = false;
};

/// What a failed script or command of a machine is: "<name>: <what>: <its last line>", or that the
/// disk is full.
[[nodiscard]] Error trouble_on(const std::string& name, const std::string& what,
                               const ports::CommandResult& result);

/// The text behind "<word> " in the first line of a script's answer that begins so.
[[nodiscard]] std::optional<std::string> line_of(const std::string& answer,
                                                 const std::string& word);

} // namespace lab::engine
