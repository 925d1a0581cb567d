// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/vm_create.h"

#include "base/files.h"
#include "base/ids.h"
#include "cli/config_edit.h"
#include "cli/follow.h"
#include "plan/load.h"

namespace lab::cli {
namespace {

struct CreateOptions {
    std::vector<std::string> names;
    std::string machine;
    std::string source;
    std::string recipe;
    bool build = false;
    bool detach = false;
};

bool is_configured(const plan::Config& config, const std::string& name) {
    return config.build_vms.count(name) != 0 || config.test_vms.count(name) != 0;
}

MachineEntry entry_of(const plan::Config& config, const CreateOptions& options) {
    MachineEntry entry{options.build ? "build_vms" : "test_vms",
                       options.names.front(),
                       {{"machine", options.machine}}};
    if (!options.build) {
        return entry;
    }
    auto source = options.source;
    if (source.empty() && config.sources.size() == 1) {
        source = config.sources.begin()->first;
    }
    if (source.empty() || options.recipe.empty()) {
        throw Error(ErrorCode::bad_input,
                    "vm create: a build VM needs --source and --recipe (a source of lab.yaml and "
                    "a template with build recipes)");
    }
    entry.fields.emplace_back("source", source);
    entry.fields.emplace_back("recipe", options.recipe);
    return entry;
}

/// lab.yaml with the machine added to it; not written yet.
api::ConfigText configured(Session& session, const CreateOptions& options) {
    for (const auto& word : {options.names.front(), options.machine}) {
        if (!is_valid_name(word)) {
            throw Error(ErrorCode::bad_input, "'" + word + "': bad name (" + valid_name_rule + ")");
        }
    }
    const auto file = session.config();
    const auto config = value_or_throw(plan::parse_config(file.text, file.path));
    if (is_configured(config, options.names.front())) {
        throw Error(ErrorCode::conflict,
                    "VM " + options.names.front() + ": is in " + file.path + " already",
                    "make it as it is there: lab vm create " + options.names.front());
    }
    const auto text = value_or_throw(add_machine(file.text, entry_of(config, options)));
    const auto edited = value_or_throw(plan::parse_config(text, file.path));
    if (!is_configured(edited, options.names.front())) {
        throw Error(ErrorCode::bad_input, file.path + ": cannot add the machine to this layout",
                    "add it by hand");
    }
    return {file.path, text};
}

/// Adds the machine to lab.yaml, once labd has nothing against it: on any error the file is as it
/// was.
/// @return whether there is something left to do.
bool configure(Session& session, const CreateOptions& options) {
    const auto config = configured(session, options);
    const auto would = preview(session, plan::CreateSpec{options.names}, config);
    if (session.globals().dry_run) {
        session.out().print(would);
        return false;
    }
    write_file(config.path, config.text);
    session.out().print_hint("added " + options.names.front() + " to " + config.path);
    return true;
}

std::vector<std::string> all_names(Session& session) {
    const auto file = session.config();
    const auto config = value_or_throw(plan::parse_config(file.text, file.path));
    std::vector<std::string> names;
    for (const auto& [name, vm] : config.build_vms) {
        names.push_back(name);
    }
    for (const auto& [name, vm] : config.test_vms) {
        names.push_back(name);
    }
    return names;
}

int create(Session& session, const CreateOptions& options) {
    if (options.machine.empty()) {
        if (options.build || !options.source.empty() || !options.recipe.empty()) {
            throw Error(ErrorCode::bad_input,
                        "vm create: --build, --source and --recipe need --machine");
        }
    } else {
        if (options.names.size() != 1) {
            throw Error(ErrorCode::bad_input, "vm create: --machine needs exactly one name");
        }
        if (!configure(session, options)) {
            return 0;
        }
    }
    const auto names = options.names.empty() ? all_names(session) : options.names;
    return submit(session, plan::CreateSpec{names}, options.detach ? Detach::yes : Detach::no);
}

} // namespace

void add_vm_create(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("create", "Make the root images of machines");
    auto options = std::make_shared<CreateOptions>();
    part->add_option("vm", options->names, "Machines (default: all in lab.yaml)")
        ->option_text("VM ...");
    part->add_option("--machine", options->machine, "Add the VM to lab.yaml, from this template")
        ->option_text("TEMPLATE");
    part->add_flag("--build", options->build, "With --machine: as a build VM");
    part->add_option("--source", options->source, "With --build: a source of lab.yaml")
        ->option_text("NAME");
    part->add_option("--recipe", options->recipe, "With --build: template whose recipes it uses")
        ->option_text("TEMPLATE");
    part->add_flag("--detach", options->detach, "Print the job's id and return");
    part->callback([&command, options] {
        command.action = [options](Session& session) {
            return create(session, *options);
        };
    });
}

} // namespace lab::cli
