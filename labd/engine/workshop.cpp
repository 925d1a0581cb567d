// SPDX-License-Identifier: Apache-2.0
#include "engine/workshop.h"

#include "base/error.h"
#include "base/text.h"
#include "engine/command_end.h"

namespace lab::engine {
HostShare reserve(Workshop& shop, const MachineRequest& request, const std::stop_token& stop) {
    return shop.budget.acquire({request.cpus, request.memory}, request.priority, stop);
}

std::unique_ptr<Instance> start_ready_machine(Workshop& shop, MachineRequest request,
                                              TemporaryDirectory directory, HostShare share,
                                              const std::stop_token& stop) {
    const auto name = request.name;
    auto instance = std::make_unique<Instance>(shop.deps, shop.quiet, std::move(request),
                                               std::move(directory), std::move(share));
    const auto outcome = instance->wait_ready(stop);
    if (const auto* failure = std::get_if<BootFailure>(&outcome)) {
        throw Error(ErrorCode::infra, name + ": did not get ready: " + failure->text,
                    "see the job's log; 'lab doctor' checks the host");
    }
    return instance;
}

ports::GuestCommand command_of(const GuestScript& script) {
    std::string input = "set -eu\n";
    for (const auto& [name, value] : script.environment) {
        input += "export " + name + "=" + shell_quote(value) + "\n";
    }
    // Of the machine that the script runs in, unless that runs on another kernel: a container.
    input += "export LAB_KERNEL_RELEASE=\"${LAB_KERNEL_RELEASE:-$(uname -r)}\"\n";
    // Programs of the script must not read the rest of it as their input.
    input += "main() {\n" + script.file.content + "\n}\nmain </dev/null\n";
    ports::GuestCommand command;
    command.command = "sh -s";
    command.standard_input = std::move(input);
    command.timeout = script.timeout;
    command.output_limit = script.output_limit;
    return command;
}

CommandRunner runner_of(Instance& instance) {
    return [&instance](const auto& command, const auto& sink, const auto& stop) {
        return instance.run(command, sink, stop);
    };
}

ports::CommandResult run_script(Instance& instance, const GuestScript& script,
                                const ports::OutputSink& sink, const std::stop_token& stop) {
    return instance.run(command_of(script), sink, stop);
}

void run_machine_script(Instance& instance, const GuestScript& script,
                        const ports::OutputSink& sink, const std::stop_token& stop) {
    const auto result = run_script(instance, script, sink, stop);
    if (result.end != ports::CommandEnd::exited || result.exit_code != 0) {
        throw Error(ErrorCode::infra, script.file.path + ": " + how_it_ended(result));
    }
}

} // namespace lab::engine
