// SPDX-License-Identifier: Apache-2.0
#include "cli/follow.h"

#include "base/ids.h"
#include "cli/output/results.h"
#include "cli/watch.h"

#include <csignal>
#include <thread>

namespace lab::cli {
namespace {

constexpr int interrupted_code = 130;
constexpr Duration follow_poll = std::chrono::milliseconds(500); // also how late Ctrl-C is seen
constexpr std::size_t log_chunk = 1U << 18U;

volatile std::sig_atomic_t signal_seen = 0;

void note_signal(int) {
    signal_seen = 1;
}

/// The word for an exit code in the JSON form of an error.
std::string word_for(int exit_code) {
    switch (exit_code) {
    case 1:
        return "failed";
    case 7:
        return "inconclusive";
    case interrupted_code:
        return "cancelled";
    default:
        break;
    }
    for (const auto code :
         {ErrorCode::bad_input, ErrorCode::not_found, ErrorCode::conflict, ErrorCode::timed_out}) {
        if (exit_code == lab::exit_code(code)) {
            return to_string(code);
        }
    }
    return to_string(ErrorCode::infra);
}

int code_of_job(const api::Job& job) {
    if (job.exit_code) {
        return *job.exit_code;
    }
    if (job.state == "done") {
        return 0;
    }
    return job.state == "failed" ? 1 : job.state == "cancelled" ? interrupted_code : 5;
}

/// The result document with the job's id and state in its data.
Document final_document(const api::JobDetail& detail) {
    auto document = result_document(detail);
    if (!document.data.is_object()) {
        document.data = nlohmann::json::object();
    }
    document.data["job"] = detail.job.id;
    document.data["state"] = detail.job.state;
    document.data["exit_code"] = code_of_job(detail.job);
    return document;
}

int finish(Session& session, const api::JobDetail& detail) {
    const int code = code_of_job(detail.job);
    if (detail.result.is_object() && !detail.result.empty()) {
        session.out().print(final_document(detail));
    }
    if (!detail.job.error.empty()) {
        session.out().print_error(word_for(code), detail.job.error, detail.job.hint);
    } else if (detail.job.state == "cancelled" || detail.job.state == "interrupted") {
        session.out().print_error(word_for(code), "job " + detail.job.id + ": " + detail.job.state,
                                  "");
    }
    return code;
}

int detach_by_signal(Session& session, const std::string& id) {
    session.out().print_hint("detached; job " + id + " goes on");
    session.out().print_hint("follow it with: lab job wait " + id);
    session.out().print_hint("cancel it with: lab job cancel " + id);
    return interrupted_code;
}

} // namespace

void catch_signals() {
    struct sigaction action {};
    action.sa_handler = note_signal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept {
    return signal_seen != 0;
}

int follow(Session& session, const std::string& id, std::optional<Duration> limit) {
    const auto ended = watch(session, id, limit);
    return ended ? finish(session, *ended) : detach_by_signal(session, id);
}

int submit(Session& session, const plan::JobSpec& spec, Detach detach) {
    // A machine by SSH can be tested and measured without a lab.yaml.
    const auto* bisect = std::get_if<plan::BisectSpec>(&spec);
    const bool needs_lab = bisect != nullptr ? !bisect->local.has_value()
                                             : !std::holds_alternative<plan::TestSpec>(spec) &&
                                                   !std::holds_alternative<plan::PlanSpec>(spec);
    const auto config = needs_lab ? session.config() : session.config_or_nothing();
    if (session.globals().dry_run) {
        session.out().print(preview(session, spec, config));
        return 0;
    }
    const auto id =
        session.jobs()
            .submit({nlohmann::json::parse(plan::to_json(spec)), config, new_ulid(), false})
            .id;
    if (detach == Detach::yes) {
        session.out().print({{{"job", id}}, {{"JOB"}, {{id}}}, {id}});
        return 0;
    }
    if (!session.globals().quiet) {
        session.out().print_hint("job " + id);
    }
    return follow(session, id);
}

Document preview(Session& session, const plan::JobSpec& spec, const api::ConfigText& config) {
    const auto seen = session.jobs().submit(
        {nlohmann::json::parse(plan::to_json(spec)), config, new_ulid(), true});
    return {seen.spec, {}, {}, "would " + seen.title, {}};
}

int copy_log(Session& session, const std::string& id, LogEnd end) {
    catch_signals();
    const auto jobs = session.jobs();
    std::uint64_t offset = 0;
    for (;;) {
        const auto chunk = jobs.log(id, offset, log_chunk);
        session.out().print_raw(chunk.bytes);
        offset = chunk.next_offset;
        if (interrupted()) {
            return interrupted_code;
        }
        if (!chunk.bytes.empty()) {
            continue;
        }
        if (chunk.final || end == LogEnd::now) {
            return 0;
        }
        std::this_thread::sleep_for(follow_poll);
    }
}

} // namespace lab::cli
