// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/targets.h"
#include "cli/follow.h"

namespace lab::cli {
namespace {

struct BuildOptions {
    std::vector<std::string> targets;
    std::string mode = "full";
    bool clean = false;
    bool detach = false;
};

int build(Session& session, const BuildOptions& options) {
    plan::BuildSpec spec;
    spec.targets = parse_all(options.targets, plan::parse_build_target);
    spec.mode = options.mode == "kernel" ? plan::BuildMode::kernel : plan::BuildMode::full;
    spec.clean = options.clean ? plan::CleanBuild::yes : plan::CleanBuild::no;
    return submit(session, spec, options.detach ? Detach::yes : Detach::no);
}

} // namespace

void add_build(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("build", "Build commits; each becomes a disk image");
    auto options = std::make_shared<BuildOptions>();
    verb->add_option("target", options->targets, "<vm>/<commit>; any revision git knows")
        ->required()
        ->option_text("VM/COMMIT ...");
    verb->add_option("--mode", options->mode, "What to build")
        ->option_text("full|kernel")
        ->check(CLI::IsMember({"full", "kernel"}).name(""));
    verb->add_flag("--clean", options->clean, "From nothing instead of the nearest build");
    verb->add_flag("--detach", options->detach, "Print the job's id and return");
    verb->callback([&command, options] {
        command.action = [options](Session& session) {
            return build(session, *options);
        };
    });
}

} // namespace lab::cli
