// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/budget.h"
#include "engine/dependencies.h"
#include "engine/key_locks.h"
#include "engine/machines.h"

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

namespace lab::engine {

class Flattener;
class UserMachines;

/// What all steps share. Thread-safe.
struct Workshop {
    const Dependencies& deps;
    Budget& budget;
    QuietHost& quiet;
    KeyLocks& locks;
    UserMachines& users;
    Flattener& flattener;
};

using HostShare = std::unique_ptr<Budget::Lease>;

/// Waits for the host resources of a machine.
/// @throws Error bad_input  when it wants more than there is in all.
/// @throws Cancelled
[[nodiscard]] HostShare reserve(Workshop& shop, const MachineRequest& request,
                                const std::stop_token& stop);

/// Starts a machine whose root is made by the lab itself, so that not coming up is our trouble.
/// @throws Error infra  also when it does not get ready.
/// @throws Cancelled
[[nodiscard]] std::unique_ptr<Instance> start_ready_machine(Workshop& shop, MachineRequest request,
                                                            TemporaryDirectory directory,
                                                            HostShare share,
                                                            const std::stop_token& stop);

/// A script of a template and what it is told by its environment.
struct GuestScript {
    plan::TemplateFile file;
    std::map<std::string, std::string> environment;
    Duration timeout = std::chrono::minutes(5);
    Bytes output_limit{16384}; ///< of what is returned; the sink sees everything
};

/// The command that runs a POSIX sh script by SSH, `set -eu` first. Beside its own environment the
/// script has LAB_KERNEL_RELEASE: unless that is given, the release of the kernel that it runs on.
[[nodiscard]] ports::GuestCommand command_of(const GuestScript& script);

/// What runs commands where scripts of templates run: a machine or a container.
using CommandRunner = std::function<ports::CommandResult(
    const ports::GuestCommand&, const ports::OutputSink&, const std::stop_token&)>;

/// @param instance  outlives the result.
[[nodiscard]] CommandRunner runner_of(Instance& instance);

/// Runs a POSIX sh script in a guest by SSH, `set -eu` first; its output goes to `sink`.
[[nodiscard]] ports::CommandResult run_script(Instance& instance, const GuestScript& script,
                                              const ports::OutputSink& sink,
                                              const std::stop_token& stop);

/// Like run_script for a script of a build machine: its failure is an infra Error.
void run_machine_script(Instance& instance, const GuestScript& script,
                        const ports::OutputSink& sink, const std::stop_token& stop);

} // namespace lab::engine
