// SPDX-License-Identifier: Apache-2.0
#include "server/convert.h"
#include "server/reply.h"
#include "server/routes.h"

#include "plan/job_spec.h"

#include <algorithm>
#include <cmath>

namespace lab::server {
namespace {

constexpr std::uint64_t log_limit = 1U << 20U;
constexpr std::size_t key_limit = 200;
const std::string one_job = "/v1/jobs/([^/]{1,64})";

std::string id_of(const httplib::Request& request) {
    return request.matches[1].str();
}

engine::Submitted submit(engine::JobService& jobs, const httplib::Request& request) {
    const auto body = body_of(request);
    if (!body.contains("spec")) {
        throw Error(ErrorCode::bad_input, "request body: \"spec\" is missing");
    }
    const auto wire = api::decode<api::SubmitRequest>(body, "request body");
    if (wire.idempotency_key.size() > key_limit) {
        throw Error(ErrorCode::bad_input,
                    "idempotency_key: too long (at most " + std::to_string(key_limit) + " bytes)");
    }
    const auto spec = value_or_throw(plan::job_spec_from_json(json_text(wire.spec)));
    return jobs.submit({spec, from_wire(wire.config), wire.idempotency_key,
                        wire.dry_run ? engine::Intent::preview : engine::Intent::run});
}

Duration wait_of(const httplib::Request& request) {
    if (!request.has_param("wait")) {
        return Duration::zero();
    }
    const auto text = request.get_param_value("wait");
    char* end = nullptr;
    const double seconds = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(seconds) || seconds < 0) {
        throw Error(ErrorCode::bad_input, "wait: not a number of seconds (allowed: 0 to 30)");
    }
    const auto longest = std::chrono::duration<double>(long_poll_time).count();
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::min(seconds, longest)));
}

/// Waits in slices so that a shutdown need not wait for the longest poll.
engine::EventPage poll(engine::JobService& jobs, const httplib::Request& request,
                       Polling& polling) {
    const auto id = id_of(request);
    const auto after = query_number(request, "after", 0);
    const auto wait = wait_of(request);
    const int before = polling.waiting.fetch_add(1);
    const auto leave = std::shared_ptr<void>(nullptr, [&](void*) { --polling.waiting; });
    const auto deadline = Deadline::in(before < long_poll_limit ? wait : Duration::zero());
    constexpr Duration slice = std::chrono::milliseconds(500);
    for (;;) {
        auto page = jobs.events(id, after, std::min(slice, deadline.left()));
        if (!page.events.empty() || engine::is_final(page.state) || deadline.passed() ||
            polling.stopping) {
            return page;
        }
    }
}

void send_log(engine::JobService& jobs, const httplib::Request& request,
              httplib::Response& response) {
    const auto offset = query_number(request, "offset", 0);
    const auto limit = std::min(query_number(request, "limit", log_limit), log_limit);
    const auto chunk = jobs.log(id_of(request), offset, static_cast<std::size_t>(limit));
    response.set_header(api::next_offset_header, std::to_string(chunk.next_offset));
    response.set_header(api::final_header, chunk.final ? "true" : "false");
    response.set_content(chunk.bytes, "application/octet-stream");
}

void add_readers(httplib::Server& http, engine::JobService& jobs, Polling& polling) {
    const auto clock = [] {
        return std::chrono::system_clock::now();
    };
    http.Get("/v1/jobs", guarded([&jobs, clock](const auto&, auto& response) {
                 auto list = nlohmann::json::array();
                 for (const auto& summary : jobs.jobs()) {
                     list.push_back(to_wire(summary, clock()));
                 }
                 send_json(response, {{"jobs", std::move(list)}});
             }));
    http.Get(one_job, guarded([&jobs, clock](const auto& request, auto& response) {
                 send_json(response, to_wire(jobs.job(id_of(request)), clock()));
             }));
    http.Get(one_job + "/events", guarded([&jobs, &polling](const auto& request, auto& response) {
                 send_json(response, to_wire(poll(jobs, request, polling)));
             }));
    http.Get(one_job + "/log", guarded([&jobs](const auto& request, auto& response) {
                 send_log(jobs, request, response);
             }));
    http.Get(one_job + "/bisect-log", guarded([&jobs](const auto& request, auto& response) {
                 send_json(response, {{"text", jobs.bisect_log(id_of(request))}});
             }));
}

void add_writers(httplib::Server& http, engine::JobService& jobs) {
    http.Post("/v1/jobs", guarded([&jobs](const auto& request, auto& response) {
                  send_json(response, to_wire(submit(jobs, request)));
              }));
    http.Post(one_job + "/cancel", guarded([&jobs](const auto& request, auto& response) {
                  send_json(response, {{"cancelled", jobs.cancel(id_of(request))}});
              }));
    http.Post(one_job + "/resume", guarded([&jobs](const auto& request, auto& response) {
                  const auto body =
                      request.body.empty() ? nlohmann::json::object() : body_of(request);
                  const auto wire = api::decode<api::ResumeRequest>(body, "request body");
                  jobs.resume(id_of(request), wire.skip);
                  send_json(response, nlohmann::json::object());
              }));
}

} // namespace

void add_job_routes(httplib::Server& http, engine::JobService& jobs, Polling& polling) {
    add_readers(http, jobs, polling);
    add_writers(http, jobs);
}

} // namespace lab::server
