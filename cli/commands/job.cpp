// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "base/text.h"
#include "base/units.h"
#include "cli/follow.h"
#include "cli/job_choice.h"
#include "cli/output/lists.h"

namespace lab::cli {
namespace {

int list_jobs(Session& session) {
    session.out().print(jobs_document(session.jobs().jobs()));
    return 0;
}

int show_job(Session& session, const std::string& id) {
    session.out().print(job_document(session.jobs().job(id)));
    return 0;
}

struct WaitOptions {
    std::string timeout;
    std::vector<std::string> notify; ///< channels
};

int wait(Session& session, const std::string& id, const WaitOptions& options) {
    std::optional<Duration> limit;
    if (!options.timeout.empty()) {
        limit = parse_duration(options.timeout);
        if (!limit) {
            throw Error(ErrorCode::bad_input,
                        "--timeout: not a duration (allowed: for example 90s, 10m, 1h)");
        }
    }
    const auto job = job_to_follow(session, id);
    for (const auto& channel : options.notify) {
        session.outbox().watch(job, {channel, session.config()});
    }
    return follow(session, job, limit);
}

int cancel(Session& session, const std::vector<std::string>& ids) {
    if (session.only_says("cancel " + join(ids, ", "))) {
        return 0;
    }
    Document document{nlohmann::json::array(), {{"JOB", "CANCELLED"}, {}}, ids};
    for (const auto& id : ids) {
        const bool cancelled = session.jobs().cancel(id);
        document.data.push_back({{"job", id}, {"cancelled", cancelled}});
        document.table.rows.push_back({id, cancelled ? "yes" : "no, it was over"});
    }
    session.out().print(document);
    return 0;
}

void add_job_list(CLI::App& verb, Command& command) {
    verb.add_subcommand("list", "List jobs, newest first")->callback([&command] {
        command.action = list_jobs;
    });
}

void add_job_show(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("show", "Show a job and its steps");
    auto id = std::make_shared<std::string>("@last");
    part->add_option("job", *id, "Job (default: the newest)")->option_text("JOB");
    part->callback([&command, id] {
        command.action = [id](Session& session) {
            return show_job(session, *id);
        };
    });
}

void add_logs(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("logs", "Print what the job's machines said");
    auto id = std::make_shared<std::string>();
    auto end = std::make_shared<LogEnd>(LogEnd::now);
    part->add_option("job", *id, "Job (default: the newest that runs)")->option_text("JOB");
    part->add_flag_callback(
        "-f,--follow", [end] { *end = LogEnd::wait; }, "Go on until the job is over");
    part->callback([&command, id, end] {
        command.action = [id, end](Session& session) {
            return copy_log(session, job_to_follow(session, *id), *end);
        };
    });
}

void add_wait(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("wait", "Follow a job to its end; exit as it does");
    auto id = std::make_shared<std::string>();
    auto options = std::make_shared<WaitOptions>();
    part->add_option("job", *id, "Job (default: the newest that runs)")->option_text("JOB");
    part->add_option("--timeout", options->timeout, "Give up after this time (exit 6)")
        ->option_text("TIME");
    part->add_option("--notify", options->notify, "Have labd tell this channel of the end")
        ->option_text("CHANNEL")
        ->expected(1)
        ->take_all();
    part->callback([&command, id, options] {
        command.action = [id, options](Session& session) {
            return wait(session, *id, *options);
        };
    });
}

void add_cancel(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("cancel", "Cancel jobs");
    auto ids = std::make_shared<std::vector<std::string>>();
    part->add_option("job", *ids, "Jobs")->required()->option_text("JOB ...");
    part->callback([&command, ids] {
        command.action = [ids](Session& session) {
            return cancel(session, *ids);
        };
    });
}

} // namespace

void add_job(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("job", "What was asked for, running and done");
    verb->require_subcommand(1);
    add_job_list(*verb, command);
    add_job_show(*verb, command);
    add_logs(*verb, command);
    add_wait(*verb, command);
    add_cancel(*verb, command);
}

} // namespace lab::cli
