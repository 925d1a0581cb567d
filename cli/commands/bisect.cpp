// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/targets.h"
#include "cli/follow.h"
#include "cli/output/results.h"

#include <algorithm>

namespace lab::cli {
namespace {

struct Options {
    std::string range;
    std::string vm;
    std::string on;
    std::string benchmark;
    std::string metric;
    std::string strategy = "git";
    std::vector<std::string> paths;
    double confidence = 0.99;
    unsigned jobs = 0;
    bool first_parent = false;
    bool kernel_only = false;
    bool detach = false;
};

int bisect(Session& session, const Options& options) {
    for (const auto& [value, name] :
         {std::pair{&options.range, "range"}, {&options.vm, "--vm"}, {&options.on, "--on"}}) {
        if (value->empty()) {
            throw Error(ErrorCode::bad_input, std::string(name) + ": is missing (required)",
                        "lab bisect <good>..<bad> --vm V --on T --bench SUITE/NAME");
        }
    }
    plan::BisectSpec spec;
    std::tie(spec.good, spec.bad) = parse_range(options.range);
    spec.vm = options.vm;
    spec.on = options.on;
    spec.check = check_of(session, options.benchmark, options.metric);
    spec.confidence = options.confidence;
    spec.first_parent = options.first_parent;
    spec.kernel_only = options.kernel_only;
    spec.paths = options.paths;
    spec.jobs = options.jobs;
    return submit(session, spec, options.detach ? Detach::yes : Detach::no);
}

/// The job named, or the newest bisection.
std::string bisection(Session& session, const std::string& id) {
    if (!id.empty()) {
        return id;
    }
    const auto jobs = session.jobs().jobs();
    const auto newest = std::find_if(jobs.begin(), jobs.end(),
                                     [](const api::Job& job) { return job.kind == "bisect"; });
    if (newest == jobs.end()) {
        throw Error(ErrorCode::not_found, "bisection: there is none",
                    "start one with: lab bisect <good>..<bad> --vm V --on T --bench B");
    }
    return newest->id;
}

int show_status(Session& session, const std::string& id) {
    const auto detail = session.jobs().job(bisection(session, id));
    auto document = bisect_document(detail);
    if (!document.data.is_object()) {
        document.data = nlohmann::json::object();
    }
    document.data["job"] = detail.job.id;
    document.data["state"] = detail.job.state;
    session.out().print(document);
    if (!detail.job.error.empty()) {
        session.out().print_hint(detail.job.error);
    }
    if (!api::is_final(detail.job.state)) {
        session.out().print_hint("follow it with: lab job wait " + detail.job.id);
    }
    return 0;
}

int show_log(Session& session, const std::string& id) {
    const auto job = bisection(session, id);
    const auto text = session.jobs().bisect_log(job);
    session.out().print({{{"job", job}, {"text", text}}, {}, {job}, text, {}});
    return 0;
}

int resume(Session& session, const std::string& id) {
    const auto job = bisection(session, id);
    if (session.only_says("go on with " + job)) {
        return 0;
    }
    session.jobs().resume(job);
    return follow(session, job);
}

int abort(Session& session, const std::string& id) {
    const auto job = bisection(session, id);
    if (session.only_says("cancel " + job)) {
        return 0;
    }
    const bool cancelled = session.jobs().cancel(job);
    session.out().print({{{"job", job}, {"cancelled", cancelled}},
                         {{"JOB", "CANCELLED"}, {{job, cancelled ? "yes" : "no, it was over"}}},
                         {job}});
    return 0;
}

void add_part(CLI::App& verb, Command& command, const std::pair<const char*, const char*>& name,
              int (*run)(Session&, const std::string&)) {
    auto* part = verb.add_subcommand(name.first, name.second);
    auto id = std::make_shared<std::string>();
    part->add_option("job", *id, "Job (default: the newest bisection)")->option_text("JOB");
    part->callback([&command, id, run] {
        command.takes_words = TakesWords::no;
        command.action = [id, run](Session& session) {
            return run(session, *id);
        };
    });
}

void add_options(CLI::App& verb, Options& options) {
    verb.add_option("range", options.range, "A good and a bad revision")->option_text("GOOD..BAD");
    verb.add_option("--vm", options.vm, "Build VM")->option_text("VM");
    verb.add_option("--on", options.on, "Test VM")->option_text("TESTVM");
    verb.add_option("--bench", options.benchmark, "Benchmark that judges")
        ->option_text("SUITE/NAME");
    verb.add_option("--metric", options.metric, "Its resultclass (default: the first one)")
        ->option_text("RESULTCLASS");
    verb.add_option("--confidence", options.confidence, "Chance of being right that is wanted")
        ->option_text("P")
        ->check(CLI::Range(0.5, 0.999999).name(""));
    verb.add_option("--strategy", options.strategy, "How commits are chosen")
        ->option_text("git")
        ->check(CLI::IsMember({"git"}).name(""));
    verb.add_flag("--first-parent", options.first_parent, "Follow only first parents");
    verb.add_option("--path", options.paths, "Only commits that touch it; may be repeated")
        ->option_text("PATH")
        ->expected(1)
        ->take_all();
    verb.add_flag("--kernel-only", options.kernel_only, "Build only the kernel of each commit");
    verb.add_option("--jobs", options.jobs, "Builds and tests at once (default: the budget)")
        ->option_text("N")
        ->check(CLI::Range(1, 1000).name(""));
    verb.add_flag("--detach", options.detach, "Print the job's id and return");
}

} // namespace

void add_bisect(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("bisect", "Find the commit that made it slower or broke it");
    auto options = std::make_shared<Options>();
    verb->footer(
        "Either --bench, or the command that judges: "
        "lab bisect GOOD..BAD --vm VM --on TESTVM -- COMMAND ...\n"
        "Its exit code: 0 good, 125 skip, 1-124, 126 and 127 bad, others end the bisection.");
    add_options(*verb, *options);
    verb->require_subcommand(0, 1);
    // Before the parts, whose callbacks run later and replace it.
    verb->preparse_callback([&command, options](std::size_t) {
        command.takes_words = TakesWords::yes;
        command.action = [options](Session& session) {
            return bisect(session, *options);
        };
    });
    add_part(*verb, command, {"status", "Show how far it is"}, show_status);
    add_part(*verb, command, {"log", "Print a log for git bisect replay"}, show_log);
    add_part(*verb, command, {"resume", "Go on with an ended bisection"}, resume);
    add_bisect_next(*verb, command);
    add_part(*verb, command, {"abort", "Cancel it; what was measured is kept"}, abort);
}

} // namespace lab::cli
