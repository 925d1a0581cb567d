// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"
#include "cli/commands/commands.h"
#include "cli/follow.h"
#include "cli/job_choice.h"
#include "cli/output/lists.h"

#include <filesystem>

namespace lab::cli {
namespace {

constexpr Bytes largest_plan = mebibytes(1);

struct PlanOptions {
    std::string file;
    std::string output;
    std::string job;
    bool append = false;
    bool detach = false;
};

/// A URL as it is; of a directory its absolute path: labd runs elsewhere.
std::string absolute_store(const std::string& text) {
    return text.find("://") == std::string::npos ? std::filesystem::absolute(text).string() : text;
}

plan::PlanSpec spec_of(const PlanOptions& options) {
    plan::PlanSpec spec;
    spec.file = std::filesystem::absolute(options.file).string();
    spec.text = read_file(spec.file, largest_plan);
    return spec;
}

int check(Session& session, const PlanOptions& options) {
    const auto spec = spec_of(options);
    static_cast<void>(session.jobs().submit(
        {nlohmann::json::parse(plan::to_json(spec)), session.config_or_nothing(), {}, true}));
    session.out().print(
        line_document(spec.file + ": fine", {{"file", spec.file}, {"fine", true}}, spec.file));
    return 0;
}

int execute(Session& session, const PlanOptions& options) {
    auto spec = spec_of(options);
    spec.output = absolute_store(options.output);
    spec.append = options.append;
    return submit(session, spec, options.detach ? Detach::yes : Detach::no);
}

/// The job that was named, or the newest plan.
std::string plan_job(Session& session, const std::string& id) {
    return job_of_kind(session, id, "plan",
                       {ErrorCode::not_found, "plan: none was carried out yet",
                        "start one with: lab plan exec --output STORE FILE"});
}

int resume(Session& session, const PlanOptions& options) {
    const auto job = plan_job(session, options.job);
    if (session.only_says("go on with " + job)) {
        return 0;
    }
    session.jobs().resume(job);
    return follow(session, job);
}

void add_file(CLI::App& verb, PlanOptions& options) {
    verb.add_option("plan", options.file, "The plan")->required()->option_text("FILE");
}

} // namespace

void add_plan(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("plan", "Measure software profiles by benchmarks");
    verb->require_subcommand(1);
    auto options = std::make_shared<PlanOptions>();

    auto* exec = verb->add_subcommand("exec", "Measure what a plan says, and keep the results");
    add_file(*exec, *options);
    exec->add_option("--output", options->output, "Result store: a directory or a URL")
        ->required()
        ->option_text("STORE");
    exec->add_flag("--append", options->append, "Add to a store that exists");
    exec->add_flag("--detach", options->detach, "Print the job's id and return");
    exec->callback([&command, options] {
        command.action = [options](Session& session) {
            return execute(session, *options);
        };
    });

    auto* resuming = verb->add_subcommand("resume", "Go on with a plan that did not end");
    resuming->add_option("job", options->job, "Its id (default: the newest plan)")
        ->option_text("JOB");
    resuming->callback([&command, options] {
        command.action = [options](Session& session) {
            return resume(session, *options);
        };
    });

    auto* checking = verb->add_subcommand("check", "Say everything that is wrong with a plan");
    add_file(*checking, *options);
    checking->callback([&command, options] {
        command.action = [options](Session& session) {
            return check(session, *options);
        };
    });
}

} // namespace lab::cli
