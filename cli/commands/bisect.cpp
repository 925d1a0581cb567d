// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/bisect_options.h"
#include "cli/commands/bisect_stored.h"
#include "cli/follow.h"
#include "cli/job_choice.h"
#include "cli/output/results.h"

namespace lab::cli {
namespace {

int show_status(Session& session, const std::string& id) {
    const auto detail = session.jobs().job(newest_bisection(session, id));
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
    const auto job = newest_bisection(session, id);
    const auto text = session.jobs().bisect_log(job);
    session.out().print({{{"job", job}, {"text", text}}, {}, {job}, text, {}});
    return 0;
}

int resume(Session& session, const std::string& id) {
    const auto job = newest_bisection(session, id);
    if (session.only_says("go on with " + job)) {
        return 0;
    }
    session.jobs().resume(job);
    return follow(session, job);
}

int skip(Session& session, const std::string& id, const std::vector<std::string>& revisions) {
    const auto job = newest_bisection(session, id);
    if (session.only_says("skip in " + job)) {
        return 0;
    }
    session.jobs().resume(job, revisions);
    session.out().print_hint(job + " goes on without them; follow it with: lab job wait " + job);
    return 0;
}

int abort(Session& session, const std::string& id) {
    const auto job = newest_bisection(session, id);
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

void add_skip(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("skip", "Do not try these commits, as git bisect skip");
    auto revisions = std::make_shared<std::vector<std::string>>();
    auto id = std::make_shared<std::string>();
    part->add_option("revisions", *revisions, "Revisions, or ranges A..B")
        ->option_text("REV|A..B")
        ->required();
    part->add_option("--job", *id, "Job (default: the newest bisection)")->option_text("JOB");
    part->callback([&command, revisions, id] {
        command.takes_words = TakesWords::no;
        command.action = [revisions, id](Session& session) {
            return skip(session, *id, *revisions);
        };
    });
}

} // namespace

std::string newest_bisection(Session& session, const std::string& id) {
    return job_of_kind(session, id, "bisect",
                       {ErrorCode::not_found, "bisection: there is none",
                        "start one with: lab bisect <good>..<bad> -- <command ...>"});
}

void add_bisect(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("bisect", "Find the commit that made it slower or broke it");
    auto options = std::make_shared<BisectOptions>();
    auto* range = verb->add_option("range", options->range, "A good and a bad revision");
    range->option_text("GOOD..BAD");
    verb->footer(bisect_footer);
    add_bisect_options(*verb, *options);
    verb->require_subcommand(0, 1);
    // Before the parts, whose callbacks run later and replace it.
    verb->preparse_callback([&command, options](std::size_t) {
        command.takes_words = TakesWords::yes;
        command.action = [options](Session& session) {
            return start_bisection(session, *options);
        };
    });
    add_part(*verb, command, {"status", "Show how far it is"}, show_status);
    add_bisect_report(*verb, command);
    add_part(*verb, command, {"log", "Print a log for git bisect replay"}, show_log);
    add_bisect_replay(*verb, command);
    add_skip(*verb, command);
    add_part(*verb, command, {"resume", "Go on with an ended bisection"}, resume);
    add_bisect_next(*verb, command);
    add_bisect_start(*verb, command);
    add_bisect_run(*verb, command);
    add_part(*verb, command, {"abort", "Cancel it; what was measured is kept"}, abort);
}

} // namespace lab::cli
