// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/workshop.h"

#include <memory>
#include <string>

namespace lab::engine {

/// Runs the scripts of a build machine in containers, so that troubles of this host are never taken
/// for those of a commit. For one thread.
class ContainerCommands {
public:
    /// @param machine  name of the build VM, for messages.
    /// @param shop     outlives the object.
    ContainerCommands(Workshop& shop, std::string machine, const ports::ContainerSpec& spec);

    /// Runs a command while nobody measures in quiet.
    /// @throws Error infra  when it failed, and the host ran out of memory or disk meanwhile.
    /// @throws Cancelled
    [[nodiscard]] ports::CommandResult run(const ports::GuestCommand& command,
                                           const ports::OutputSink& sink,
                                           const std::stop_token& stop);

private:
    void throw_if_host_failed(std::uint64_t ended_before) const;
    [[nodiscard]] Error disk_trouble() const;

    Workshop& shop_;
    const std::string machine_;
    const std::shared_ptr<const ports::Workspace> workspace_;
    const std::unique_ptr<ports::GuestSession> session_;
};

} // namespace lab::engine
