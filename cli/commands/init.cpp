// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "base/files.h"
#include "base/ids.h"
#include "cli/output/lists.h"
#include "plan/load.h"

#include <thread>
#include <unistd.h>

namespace lab::cli {
namespace {

struct InitOptions {
    std::string name = "pebble";
    std::string source = ".";
};

Bytes host_memory() {
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    const auto size = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0
               ? Bytes{static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size)}
               : gibibytes(2);
}

plan::Template load_template(Session& session, const std::string& name) {
    if (!is_valid_name(name)) {
        throw Error(ErrorCode::bad_input,
                    "template '" + name + "': bad name (" + valid_name_rule + ")");
    }
    for (const auto& directory : api::template_search_path(session.places())) {
        const auto file = directory / name / "template.yaml";
        if (!path_exists(file)) {
            continue;
        }
        const auto reader = [](const std::filesystem::path& path) -> std::optional<std::string> {
            try {
                return read_file(path, mebibytes(1));
            } catch (const Error&) {
                return std::nullopt;
            }
        };
        return value_or_throw(plan::parse_template(read_file(file, mebibytes(1)), file, reader));
    }
    throw Error(ErrorCode::not_found, "template " + name + ": there is none of this name",
                "see them with: lab template list");
}

int init(Session& session, const InitOptions& options) {
    const auto chosen = load_template(session, options.name);
    if (!chosen.recipes) {
        throw Error(ErrorCode::bad_input,
                    "template " + options.name + ": has no build recipes (one that has is needed)",
                    "see them with: lab template list");
    }
    const auto text = plan::initial_config(
        chosen, options.source, std::max(1U, std::thread::hardware_concurrency()), host_memory());
    const auto file = session.globals().config.empty()
                          ? std::filesystem::current_path() / "lab.yaml"
                          : std::filesystem::absolute(session.globals().config);
    const bool dry_run = session.globals().dry_run;
    std::error_code ignored;
    if (!dry_run && std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
        throw Error(ErrorCode::conflict, file.string() + ": is there already",
                    "remove it first, or look at a fresh one with: lab init --dry-run");
    }
    static_cast<void>(
        session.repositories().open(std::filesystem::absolute(options.source).lexically_normal()));
    if (dry_run) {
        session.out().print_text(text);
        return 0;
    }
    write_file(file, text);
    session.trust().trust(file, text);
    session.out().print(
        line_document("wrote " + file.string(), {{"file", file.string()}}, file.string()));
    session.out().print_hint("read it, then make the machines with: lab vm create");
    return 0;
}

} // namespace

void add_init(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("init", "Write a lab.yaml to start from");
    auto options = std::make_shared<InitOptions>();
    verb->add_option("--template", options->name, "Template of the OS (default: pebble)")
        ->option_text("NAME");
    verb->add_option("--source", options->source, "Git repository of the source (default: .)")
        ->option_text("PATH");
    verb->callback([&command, options] {
        command.action = [options](Session& session) {
            return init(session, *options);
        };
    });
}

} // namespace lab::cli
