// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "cli/output/lists.h"

#include <algorithm>

namespace lab::cli {
namespace {

int list_templates(Session& session) {
    session.out().print(templates_document(session.lab().templates(session.config_or_nothing())));
    return 0;
}

int show_template(Session& session, const std::string& name) {
    const auto all = session.lab().templates(session.config_or_nothing());
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& info) { return info.name == name; });
    if (found == all.end()) {
        throw Error(ErrorCode::not_found, "template " + name + ": there is none of this name",
                    "see them with: lab template list");
    }
    session.out().print(template_document(*found));
    return 0;
}

} // namespace

void add_template(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("template", "How the machines of an OS are made and driven");
    verb->require_subcommand(1);
    verb->add_subcommand("list", "List templates")->callback([&command] {
        command.action = list_templates;
    });
    auto* part = verb->add_subcommand("show", "Show a template");
    auto name = std::make_shared<std::string>();
    part->add_option("template", *name, "Template")->required()->option_text("NAME");
    part->callback([&command, name] {
        command.action = [name](Session& session) {
            return show_template(session, *name);
        };
    });
}

} // namespace lab::cli
