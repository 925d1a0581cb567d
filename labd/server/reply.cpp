// SPDX-License-Identifier: Apache-2.0
#include "server/reply.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

namespace lab::server {
namespace {

int status_of(ErrorCode code) {
    switch (code) {
    case ErrorCode::bad_input:
        return 400;
    case ErrorCode::not_found:
        return 404;
    case ErrorCode::conflict:
        return 409;
    case ErrorCode::timed_out:
        return 504;
    case ErrorCode::infra:
        break;
    }
    return 500;
}

void send(httplib::Response& response, int status, const nlohmann::json& body) {
    response.status = status;
    response.set_content(json_text(body), "application/json");
}

} // namespace

void send_json(httplib::Response& response, const nlohmann::json& body) {
    send(response, 200, body);
}

void send_error(httplib::Response& response, const Error& error) {
    send(response, status_of(error.code()),
         api::error_body(error.code(), error.what(), error.hint()));
}

void send_refusal(httplib::Response& response, const Refusal& refusal) {
    const auto code = refusal.status == 404   ? ErrorCode::not_found
                      : refusal.status >= 500 ? ErrorCode::infra
                                              : ErrorCode::bad_input;
    send(response, refusal.status, api::error_body(code, refusal.message, refusal.hint));
}

nlohmann::json body_of(const httplib::Request& request) {
    auto body = api::parse_json(request.body, "request body");
    if (!body.is_object()) {
        throw Error(ErrorCode::bad_input, "request body: not an object (allowed: a JSON object)");
    }
    return body;
}

std::uint64_t query_number(const httplib::Request& request, const std::string& name,
                           std::uint64_t fallback) {
    if (!request.has_param(name.c_str())) {
        return fallback;
    }
    const auto text = request.get_param_value(name.c_str());
    if (text.empty() || text.size() > 18 ||
        text.find_first_not_of("0123456789") != std::string::npos) {
        throw Error(ErrorCode::bad_input, name + ": not a whole number (allowed: 0 to 18 digits)");
    }
    return std::stoull(text);
}

httplib::Server::Handler guarded(httplib::Server::Handler handler) {
    return [handler = std::move(handler)](const httplib::Request& request,
                                          httplib::Response& response) {
        try {
            handler(request, response);
        } catch (const Error& error) {
            send_error(response, error);
        } catch (const Cancelled&) {
            send_refusal(response, {503, "labd: is shutting down", "try again"});
        } catch (const std::exception& error) {
            // The text may hold anything from a library; it belongs in the log, not on the wire.
            logger("server")->error("request failed path={} cause={}",
                                    escape_for_terminal(cap(request.path, 200)),
                                    escape_for_terminal(cap(error.what(), 500)));
            send_refusal(response, {500, "labd: internal error", "see labd's log"});
        } catch (...) {
            logger("server")->error("request failed path={} cause=an exception of an unknown type",
                                    escape_for_terminal(cap(request.path, 200)));
            send_refusal(response, {500, "labd: internal error", "see labd's log"});
        }
    };
}

} // namespace lab::server
