// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/targets.h"
#include "cli/follow.h"

namespace lab::cli {
namespace {

struct InstallOptions {
    std::vector<std::string> targets;
    std::string in;
    bool detach = false;
};

int install(Session& session, const InstallOptions& options) {
    const plan::InstallSpec spec{parse_all(options.targets, plan::parse_install_target),
                                 options.in};
    return submit(session, spec, options.detach ? Detach::yes : Detach::no);
}

} // namespace

void add_install(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("install", "Install builds into a test machine's root");
    auto options = std::make_shared<InstallOptions>();
    verb->add_option("target", options->targets, "<vm>/<commit>/<testvm>")
        ->required()
        ->option_text("VM/COMMIT/TESTVM ...");
    verb->add_option("--in", options->in, "Build VM that runs the install")->option_text("VM");
    verb->add_flag("--detach", options->detach, "Print the job's id and return");
    verb->callback([&command, options] {
        command.action = [options](Session& session) {
            return install(session, *options);
        };
    });
}

} // namespace lab::cli
