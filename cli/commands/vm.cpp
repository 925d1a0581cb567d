// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "base/text.h"
#include "base/units.h"
#include "cli/commands/targets.h"
#include "cli/commands/vm_create.h"
#include "cli/enter.h"
#include "cli/follow.h"
#include "cli/output/lists.h"
#include "plan/load.h"

#include <algorithm>

namespace lab::cli {
namespace {

/// @throws Error not_found  when lab.yaml has no such machine.
void check_configured(const plan::Config& config, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& [known, vm] : config.build_vms) {
        names.push_back(known);
    }
    for (const auto& [known, vm] : config.test_vms) {
        names.push_back(known);
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        throw Error(ErrorCode::not_found,
                    cap(escape_for_terminal(name), 80) +
                        ": no such VM (there are: " + join(names, ", ") + ")",
                    "lab vm list");
    }
}

int list_vms(Session& session) {
    session.out().print(vms_document(session.lab().vms(session.config())));
    return 0;
}

int start_vm(Session& session, const std::string& target, Detach detach) {
    const plan::StartSpec spec{value_or_throw(plan::parse_machine_target(target))};
    return submit(session, spec, detach);
}

/// Does what needs a running machine; a name that lab.yaml does not know is told apart from a
/// machine that is not running.
template <class Call>
auto with_running(Session& session, const std::string& name, Call call) {
    try {
        return call(name);
    } catch (const Error& error) {
        const auto text =
            error.code() == ErrorCode::not_found ? session.config_or_nothing() : api::ConfigText{};
        if (!text.text.empty()) {
            check_configured(value_or_throw(plan::parse_config(text.text, text.path)), name);
        }
        throw;
    }
}

api::Access access(Session& session, const std::string& name) {
    return with_running(session, name,
                        [&](const auto& known) { return session.lab().access(known); });
}

int stop_vm(Session& session, const std::vector<std::string>& names) {
    if (session.only_says("stop " + join(names, ", "))) {
        return 0;
    }
    Document document{nlohmann::json::array(), {{"VM", "STATE"}, {}}, names};
    for (const auto& name : names) {
        with_running(session, name, [&](const auto& known) { session.lab().stop_vm(known); });
        document.data.push_back({{"vm", name}, {"state", "stopped"}});
        document.table.rows.push_back({name, "stopped"});
    }
    session.out().print(document);
    return 0;
}

int console_vm(Session& session, const std::string& name, const std::string& timeout,
               GuestEscapes escapes) {
    ConsoleOptions options{std::chrono::seconds(10), escapes};
    if (!timeout.empty()) {
        options.quiet_time = parse_duration(timeout);
        if (!options.quiet_time) {
            throw Error(ErrorCode::bad_input,
                        "--timeout: not a duration (allowed: for example 90s, 10m)");
        }
    }
    return attach_console(access(session, name).console_socket, options);
}

void add_start(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("start", "Start a machine and leave it running");
    auto target = std::make_shared<std::string>();
    auto detach = std::make_shared<Detach>(Detach::no);
    part->add_option("vm", *target, "A VM, or <vm>/<commit>/<testvm> to run a build in")
        ->required()
        ->option_text("VM | VM/COMMIT/TESTVM");
    part->add_flag_callback(
        "--detach", [detach] { *detach = Detach::yes; }, "Print the job's id and return");
    part->callback([&command, target, detach] {
        command.action = [target, detach](Session& session) {
            return start_vm(session, *target, *detach);
        };
    });
}

void add_stop(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("stop", "Stop started machines; nothing in them is kept");
    auto names = std::make_shared<std::vector<std::string>>();
    part->add_option("vm", *names, "VMs")->required()->option_text("VM ...");
    part->callback([&command, names] {
        command.action = [names](Session& session) {
            return stop_vm(session, *names);
        };
    });
}

void add_ssh(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("ssh", "Enter a started machine by SSH");
    auto name = std::make_shared<std::string>();
    part->footer("A command may follow: lab vm ssh VM -- COMMAND ...");
    part->add_option("vm", *name, "VM")->required()->option_text("VM");
    part->callback([&command, name] {
        command.takes_words = TakesWords::yes;
        command.action = [name](Session& session) -> int {
            become(ssh_argv(access(session, *name), *name, session.command_text()));
        };
    });
}

void add_console(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("console", "Connect to a started machine's console");
    auto name = std::make_shared<std::string>();
    auto timeout = std::make_shared<std::string>();
    auto escapes = std::make_shared<GuestEscapes>(GuestEscapes::drawing);
    part->footer(
        "Of the machine's escape sequences, those that draw reach your terminal: colours, cursor, "
        "erasing.\nThose that make it answer, or touch clipboard, title, mouse or printer, are "
        "dropped.");
    part->add_option("vm", *name, "VM")->required()->option_text("VM");
    part->add_flag_callback(
        "--raw", [escapes] { *escapes = GuestEscapes::all; },
        "Let every escape sequence of the machine reach your terminal");
    part->add_option("--timeout", *timeout,
                     "Without a terminal: silence after the input's end that ends it (10s)")
        ->option_text("TIME");
    part->callback([&command, name, timeout, escapes] {
        command.action = [name, timeout, escapes](Session& session) {
            return console_vm(session, *name, *timeout, *escapes);
        };
    });
}

} // namespace

void add_vm(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("vm", "Build machines and test machines");
    verb->require_subcommand(1);
    verb->add_subcommand("list", "List the configured machines")->callback([&command] {
        command.action = list_vms;
    });
    add_vm_create(*verb, command);
    add_start(*verb, command);
    add_stop(*verb, command);
    add_ssh(*verb, command);
    add_console(*verb, command);
}

} // namespace lab::cli
