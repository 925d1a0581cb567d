// SPDX-License-Identifier: Apache-2.0
#include "server/convert.h"
#include "server/reply.h"
#include "server/routes.h"

namespace lab::server {
namespace {

const std::string one_sut = "/v1/suts/([^/]{1,64})";

} // namespace

void add_sut_routes(httplib::Server& http, engine::SutService& suts) {
    http.Get("/v1/suts", guarded([&suts](const auto&, auto& response) {
                 send_json(response, {{"suts", all_to_wire(suts.suts())}});
             }));
    http.Post("/v1/suts", guarded([&suts](const auto& request, auto& response) {
                  suts.add(from_wire(api::decode<api::Sut>(body_of(request), "request body")));
                  send_json(response, nlohmann::json::object());
              }));
    http.Post("/v1/host-key", guarded([&suts](const auto& request, auto& response) {
                  const auto sut =
                      from_wire(api::decode<api::Sut>(body_of(request), "request body"));
                  send_json(response, to_wire(suts.host_key(sut.address)));
              }));
    http.Get(one_sut + "/fingerprint", guarded([&suts](const auto& request, auto& response) {
                 send_json(response, to_wire(suts.fingerprint(request.matches[1].str())));
             }));
    http.Post(one_sut + "/remove", guarded([&suts](const auto& request, auto& response) {
                  suts.remove(request.matches[1].str());
                  send_json(response, nlohmann::json::object());
              }));
    http.Post(one_sut + "/release", guarded([&suts](const auto& request, auto& response) {
                  suts.release(request.matches[1].str());
                  send_json(response, nlohmann::json::object());
              }));
}

} // namespace lab::server
