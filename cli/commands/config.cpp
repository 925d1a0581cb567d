// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "base/files.h"
#include "base/text.h"
#include "cli/confirm.h"
#include "cli/output/lists.h"
#include "plan/config_trust.h"
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

struct TrustOptions {
    std::string file;
    bool remove = false;
    bool list = false;
};

int list_trusted(Session& session) {
    const auto places = session.trust().trusted();
    Document document;
    document.data = places;
    document.table.headers = {"FILE"};
    for (const auto& place : places) {
        document.table.rows.push_back({place});
    }
    document.ids = places;
    session.out().print(document);
    return 0;
}

/// Shows what a lab.yaml may run or reveal, and trusts it when that is confirmed.
int trust_config(Session& session, const TrustOptions& options) {
    if (options.list) {
        return list_trusted(session);
    }
    const auto file = options.file.empty()
                          ? session.config_file()
                          : std::filesystem::absolute(options.file).lexically_normal();
    if (options.remove) {
        if (session.only_says("trust " + file.string() + " no longer")) {
            return 0;
        }
        const bool removed = session.trust().forget(file);
        session.out().print(line_document(
            file.string() + (removed ? ": is not trusted any more" : ": was not trusted"),
            {{"file", file.string()}, {"trusted", false}}, file.string()));
        return 0;
    }
    const auto text = read_file(file, mebibytes(1));
    static_cast<void>(value_or_throw(plan::parse_config(text, file)));
    const auto parts = plan::parts_that_run_or_reveal(text);
    session.out().print_hint(parts.empty()
                                 ? "It names no program, template directory or service."
                                 : "It may run or reveal:\n" + escape_for_terminal(parts));
    if (session.only_says("trust " + file.string())) {
        return 0;
    }
    confirm(session, "Trust " + quote_foreign(file.string(), 300) + "?");
    session.trust().trust(file, text);
    session.out().print(line_document(file.string() + ": is trusted until that changes",
                                      {{"file", file.string()}, {"trusted", true}}, file.string()));
    return 0;
}

void add_trust(CLI::App& verb, Command& command) {
    auto* part =
        verb.add_subcommand("trust", "Use a lab.yaml that others can change, or of a repository");
    auto options = std::make_shared<TrustOptions>();
    part->footer(
        "It shows the parts that run programs as you, reveal secrets or name places of this "
        "host, and asks (not with --yes).");
    part->add_option("file", options->file, "lab.yaml (default: the one that counts here)")
        ->option_text("FILE");
    auto* remove = part->add_flag("--remove", options->remove, "Trust it no longer");
    part->add_flag("--list", options->list, "List what is trusted")->excludes(remove);
    part->callback([&command, options] {
        command.action = [options](Session& session) {
            return trust_config(session, *options);
        };
    });
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
    add_trust(*verb, command);
}

} // namespace lab::cli
