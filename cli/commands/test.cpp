// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/targets.h"
#include "cli/follow.h"
#include "cli/whole_number.h"

namespace lab::cli {
namespace {

struct TestOptions {
    std::string target;
    BenchmarkOptions check;
    std::optional<unsigned> sessions;
    std::optional<unsigned> repeats;
    std::optional<unsigned> warmups;
    bool detach = false;
};

int test(Session& session, const TestOptions& options) {
    plan::TestSpec spec;
    spec.target = value_or_throw(plan::parse_machine_target(options.target));
    spec.check = check_of(session, options.check);
    spec.sessions = options.sessions;
    spec.repeats = options.repeats;
    spec.warmups = options.warmups;
    return submit(session, spec, options.detach ? Detach::yes : Detach::no);
}

} // namespace

void add_test(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("test", "Boot an installed build and measure or judge it");
    auto options = std::make_shared<TestOptions>();
    verb->footer("Either --bench, or the command that judges: "
                 "lab test VM/COMMIT/TESTVM -- COMMAND ...");
    verb->add_option("target", options->target,
                     "A build in a test VM or on a machine by SSH, or either as it is")
        ->required()
        ->option_text("VM/COMMIT/SUT | SUT");
    add_benchmark_options(*verb, options->check);
    verb->add_option("--sessions", options->sessions, "Boots")
        ->option_text("N")
        ->check(whole_number(1, 1000));
    verb->add_option("--repeats", options->repeats, "Measured runs per boot")
        ->option_text("N")
        ->check(whole_number(1, 10000));
    verb->add_option("--warmups", options->warmups, "Runs per boot that are thrown away")
        ->option_text("N")
        ->check(whole_number(0, 10000));
    verb->add_flag("--detach", options->detach, "Print the job's id and return");
    verb->callback([&command, options] {
        command.takes_words = TakesWords::yes;
        command.action = [options](Session& session) {
            return test(session, *options);
        };
    });
}

} // namespace lab::cli
