// SPDX-License-Identifier: Apache-2.0
#include "core/bisect_replay.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/commands/bisect_options.h"
#include "cli/commands/commands.h"
#include "cli/follow.h"

#include <memory>

namespace lab::cli {
namespace {

constexpr Bytes longest_log = mebibytes(16);

int replay(Session& session, const std::string& file, const BisectOptions& options) {
    const auto log = value_or_throw(
        core::parse_bisect_log(read_file(file, longest_log), escape_for_terminal(file)));
    auto spec = bisect_spec(session, options);
    spec.good = log.good;
    spec.bad = log.bad;
    for (const auto& [commit, verdict] : log.said) {
        spec.said.push_back({commit, verdict});
    }
    if (options.term_good.empty() && options.term_bad.empty()) {
        spec.terms = log.terms;
    }
    spec.first_parent = spec.first_parent || log.first_parent;
    if (spec.paths.empty()) {
        spec.paths = log.paths;
    }
    return submit(session, spec, options.detach ? Detach::yes : Detach::no);
}

} // namespace

void add_bisect_replay(CLI::App& bisect, Command& command) {
    auto* part = bisect.add_subcommand("replay", "Go on from a log of git bisect or lab bisect");
    auto file = std::make_shared<std::string>();
    auto options = std::make_shared<BisectOptions>();
    part->add_option("file", *file, "Log, as git bisect log or lab bisect log prints it")
        ->option_text("FILE")
        ->required();
    add_bisect_options(*part, *options);
    part->footer(bisect_footer);
    part->callback([&command, file, options] {
        command.takes_words = TakesWords::yes;
        command.action = [file, options](Session& session) {
            return replay(session, *file, *options);
        };
    });
}

} // namespace lab::cli
