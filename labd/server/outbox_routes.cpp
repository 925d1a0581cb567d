// SPDX-License-Identifier: Apache-2.0
#include "server/convert.h"
#include "server/reply.h"
#include "server/routes.h"

namespace lab::server {
namespace {

engine::LetterIds ids_of(const httplib::Request& request) {
    return api::decode<api::LetterIds>(body_of(request), "request body").ids;
}

} // namespace

void add_outbox_routes(httplib::Server& http, const Services& services) {
    auto& jobs = services.jobs;
    auto& outbox = services.outbox;
    http.Get("/v1/outbox", guarded([&outbox](const auto&, auto& response) {
                 send_json(response, {{"letters", all_to_wire(outbox.letters())}});
             }));
    http.Post("/v1/outbox/retry", guarded([&outbox](const auto& request, auto& response) {
                  send_json(response, {{"count", outbox.retry(ids_of(request))}});
              }));
    http.Post("/v1/outbox/drop", guarded([&outbox](const auto& request, auto& response) {
                  send_json(response, {{"count", outbox.drop(ids_of(request))}});
              }));
    http.Post("/v1/jobs/([^/]{1,64})/watch",
              guarded([&jobs, &outbox](const auto& request, auto& response) {
                  const auto wire =
                      api::decode<api::WatchRequest>(body_of(request), "request body");
                  const auto job = jobs.job(request.matches[1].str()).summary.id;
                  outbox.watch(job, wire.channel, from_wire(wire.config));
                  send_json(response, nlohmann::json::object());
              }));
}

} // namespace lab::server
