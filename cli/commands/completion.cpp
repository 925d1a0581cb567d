// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"
#include "cli/commands/commands.h"

namespace lab::cli {

void add_completion(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("completion", "Print a completion script for a shell");
    auto shell = std::make_shared<std::string>();
    verb->add_option("shell", *shell, "Shell")
        ->required()
        ->option_text("bash|zsh|fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).name(""));
    verb->callback([&app, &command, shell] {
        command.action = [&app, shell](Session& session) {
            session.out().print_text(completion_script(app, *shell));
            return 0;
        };
    });
}

} // namespace lab::cli
