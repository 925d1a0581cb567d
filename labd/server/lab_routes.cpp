// SPDX-License-Identifier: Apache-2.0
#include "server/convert.h"
#include "server/reply.h"
#include "server/routes.h"

namespace lab::server {
namespace {

const std::string one_vm = "/v1/vms/([^/]{1,64})";

engine::ConfigText config_of(const httplib::Request& request) {
    const auto body = body_of(request);
    return from_wire(
        api::decode<api::ConfigText>(body.value("config", nlohmann::json::object()), "config"));
}

void add_machine_routes(httplib::Server& http, engine::LabService& lab) {
    http.Post("/v1/vms", guarded([&lab](const auto& request, auto& response) {
                  send_json(response, {{"vms", all_to_wire(lab.vms(config_of(request)))}});
              }));
    http.Post(one_vm + "/stop", guarded([&lab](const auto& request, auto& response) {
                  lab.stop_vm(request.matches[1].str());
                  send_json(response, nlohmann::json::object());
              }));
    http.Get(one_vm + "/access", guarded([&lab](const auto& request, auto& response) {
                 send_json(response, to_wire(lab.access(request.matches[1].str())));
             }));
    http.Post(
        "/v1/templates", guarded([&lab](const auto& request, auto& response) {
            send_json(response, {{"templates", all_to_wire(lab.templates(config_of(request)))}});
        }));
}

void add_image_routes(httplib::Server& http, engine::LabService& lab) {
    http.Get("/v1/images", guarded([&lab](const auto&, auto& response) {
                 send_json(response, {{"images", all_to_wire(lab.images())}});
             }));
    http.Post("/v1/images/gc", guarded([&lab](const auto& request, auto& response) {
                  const auto wire =
                      api::decode<api::GarbageRequest>(body_of(request), "request body");
                  send_json(response, to_wire(lab.collect(from_wire(wire))));
              }));
    http.Post("/v1/images/verify", guarded([&lab](const auto&, auto& response) {
                  send_json(response, {{"results", all_to_wire(lab.verify())}});
              }));
}

} // namespace

void add_lab_routes(httplib::Server& http, engine::LabService& lab) {
    add_machine_routes(http, lab);
    add_image_routes(http, lab);
    http.Get("/v1/doctor", guarded([&lab](const auto&, auto& response) {
                 send_json(response, {{"checks", all_to_wire(lab.doctor())}});
             }));
}

} // namespace lab::server
