// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "cli/output/lists.h"
#include "plan/load.h"

namespace lab::cli {
namespace {

plan::Config parse(Session& session) {
    const auto config = session.config();
    return value_or_throw(plan::parse_config(config.text, config.path));
}

int check(Session& session) {
    const auto config = parse(session);
    // Whether the templates it names are there, and fit, is known to labd.
    static_cast<void>(session.lab().vms(session.config()));
    session.out().print(
        line_document(config.file.string() + ": fine (" + std::to_string(config.build_vms.size()) +
                          " build VMs, " + std::to_string(config.test_vms.size()) + " test VMs)",
                      {{"file", config.file.string()}, {"fine", true}}, config.file.string()));
    return 0;
}

int show_config(Session& session) {
    session.out().print(config_document(parse(session)));
    return 0;
}

} // namespace

void add_config(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("config", "lab.yaml");
    verb->require_subcommand(1);
    verb->add_subcommand("check", "Say everything that is wrong with it")->callback([&command] {
        command.action = check;
    });
    verb->add_subcommand("show", "Show what it means")->callback([&command] {
        command.action = show_config;
    });
}

} // namespace lab::cli
