// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/codec.h"
#include "base/error.h"

#include <functional>
#include <httplib.h>
#include <string>

namespace lab::server {

/// A request that is refused before it reaches a service, with a status that no ErrorCode has.
struct Refusal {
    int status = 400;
    std::string message;
    std::string hint;
};

/// 2xx answers of the routes.
void send_json(httplib::Response& response, const nlohmann::json& body);

void send_error(httplib::Response& response, const Error& error);
void send_refusal(httplib::Response& response, const Refusal& refusal);

/// The request's body as JSON.
/// @throws Error bad_input  when it is not.
[[nodiscard]] nlohmann::json body_of(const httplib::Request& request);

/// A whole number from the query; `fallback` when it is not there.
/// @throws Error bad_input  when it is not a whole number of at most 18 digits.
[[nodiscard]] std::uint64_t query_number(const httplib::Request& request, const std::string& name,
                                         std::uint64_t fallback);

/// The handler with every exception turned into an answer; this is the one catch of a request.
[[nodiscard]] httplib::Server::Handler guarded(httplib::Server::Handler handler);

} // namespace lab::server
