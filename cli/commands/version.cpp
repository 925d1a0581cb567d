// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "cli/output/lists.h"

namespace lab::cli {
namespace {

int show_version(Session& session) {
    const std::string version = api::program_version();
    session.out().print(line_document("lab " + version,
                                      {{"version", version}, {"api", api::api_version}}, version));
    return 0;
}

} // namespace

void add_version(CLI::App& app, Command& command) {
    app.add_subcommand("version", "Print the version")->callback([&command] {
        command.action = show_version;
    });
}

} // namespace lab::cli
