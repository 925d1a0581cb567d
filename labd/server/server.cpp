// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include "api/codec.h"
#include "api/places.h"
#include "base/files.h"
#include "base/log.h"
#include "server/bounded_server.h"
#include "server/reply.h"
#include "server/routes.h"

#include <algorithm>
#include <fcntl.h>
#include <mutex>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace lab::server {
namespace {

/// The directory of the socket, ours alone: its mode is what keeps other users out.
void prepare_directory(const std::filesystem::path& directory) {
    make_directory(directory);
    struct stat info {};
    if (::lstat(directory.c_str(), &info) != 0) {
        throw errno_error("inspect", directory.string());
    }
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) {
        throw Error(ErrorCode::conflict,
                    directory.string() + ": not a directory of the user who runs labd",
                    "remove it, or set LAB_HOME to a directory of your own");
    }
    if ((info.st_mode & 077U) != 0) {
        throw Error(ErrorCode::conflict,
                    directory.string() + ": open to other users (allowed: mode 0700)",
                    "run: chmod 700 " + directory.string());
    }
}

/// Why a request is refused whatever it asks for; nothing when it is fine.
std::optional<Refusal> refusal_of(const httplib::Request& request) {
    if (request.has_header("Content-Encoding")) {
        return Refusal{415, "Content-Encoding: not supported (allowed: none)", ""};
    }
    if (request.has_header("Transfer-Encoding")) {
        // httplib would take in a chunked body of any length.
        return Refusal{411, "Transfer-Encoding: not supported (allowed: a Content-Length)", ""};
    }
    if (request.method == "POST" && !request.has_header("Content-Length")) {
        return Refusal{411, "Content-Length: is missing (needed with POST)", ""};
    }
    const auto type = request.get_header_value("Content-Type");
    const bool json = type == "application/json" || type.rfind("application/json;", 0) == 0;
    const auto length = request.get_header_value("Content-Length");
    const bool body = !length.empty() && length != "0";
    if ((body || !type.empty()) && !json) {
        return Refusal{415, "Content-Type: not supported (allowed: application/json)", ""};
    }
    return std::nullopt;
}

bool is_for_every_version(const httplib::Request& request) {
    return request.path == "/v1/status" || request.path == "/v1/shutdown";
}

/// What httplib refuses by itself gets a body of our form.
void explain(const httplib::Request& request, httplib::Response& response, Bytes body_limit) {
    if (!response.body.empty()) {
        return;
    }
    const auto status = response.status;
    if (status == 404) {
        send_refusal(
            response,
            {404, "request: no such route: " + request.method + " " + request.path.substr(0, 200),
             "see docs/api.md"});
    } else if (status == 413) {
        send_refusal(
            response,
            {413, "request body: too large (at most " + format_bytes(body_limit) + ")", ""});
    } else {
        send_refusal(response,
                     {status, "request: refused (HTTP " + std::to_string(status) + ")", ""});
    }
}

} // namespace

class Server::Impl {
public:
    Impl(const Services& services, ServerOptions options)
        : jobs_(services.jobs), options_(std::move(options)), http_(options_.limits) {
        api::check_socket_path(options_.socket);
        prepare_directory(options_.socket.parent_path());
        configure();
        add_daemon_routes();
        add_job_routes(http_, services.jobs, polling_);
        add_lab_routes(http_, services.lab);
        add_outbox_routes(http_, services);
        add_sut_routes(http_, services.suts);
        bind();
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { ::unlink(options_.socket.c_str()); }

    void run() {
        {
            const std::lock_guard lock(mutex_);
            if (polling_.stopping) {
                return;
            }
            state_ = State::running;
        }
        logger("server")->info("listening socket={}", options_.socket.string());
        http_.listen_after_bind();
        const std::lock_guard lock(mutex_);
        state_ = State::over;
    }

    void stop() {
        polling_.stopping = true;
        // httplib ignores a stop that comes before its loop has begun.
        while (is_running() && !http_.is_running()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        http_.stop();
    }

private:
    void configure() {
        http_.set_address_family(AF_UNIX);
        http_.set_socket_options([](int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); });
        http_.set_default_headers({{api::version_header, std::to_string(api::api_version)},
                                   {"X-Content-Type-Options", "nosniff"}});
        http_.set_error_handler(
            httplib::Server::Handler([this](const auto& request, auto& response) {
                explain(request, response, options_.limits.body);
            }));
        http_.set_pre_routing_handler(
            [](const auto& request, auto& response) { return check(request, response); });
    }

    static httplib::Server::HandlerResponse check(const httplib::Request& request,
                                                  httplib::Response& response) {
        using enum httplib::Server::HandlerResponse;
        if (const auto refusal = refusal_of(request)) {
            send_refusal(response, *refusal);
            return Handled;
        }
        const auto version = request.get_header_value(api::version_header);
        if (!version.empty() && version != std::to_string(api::api_version) &&
            !is_for_every_version(request)) {
            send_error(response, api::version_mismatch(version));
            return Handled;
        }
        return Unhandled;
    }

    void add_daemon_routes() {
        http_.Get("/v1/status", guarded([this](const auto&, auto& response) {
                      const auto all = jobs_.jobs();
                      const auto running =
                          std::count_if(all.begin(), all.end(), [](const auto& job) {
                              return !engine::is_final(job.state);
                          });
                      send_json(response,
                                api::Status{options_.version, api::api_version, ::getpid(),
                                            options_.state_dir.string(), options_.socket.string(),
                                            static_cast<std::uint64_t>(running)});
                  }));
        http_.Post("/v1/shutdown", guarded([this](const auto&, auto& response) {
                       send_json(response, nlohmann::json::object());
                       options_.on_shutdown();
                   }));
    }

    void bind() {
        std::error_code ignored;
        std::filesystem::remove(options_.socket, ignored);
        if (!http_.bind_to_port(options_.socket.string(), 80)) {
            throw errno_error("bind the socket", options_.socket.string());
        }
        http_.widen_backlog();
        if (::chmod(options_.socket.c_str(), 0600) != 0) {
            throw errno_error("set the mode of", options_.socket.string());
        }
    }

    enum class State { idle, running, over };

    bool is_running() {
        const std::lock_guard lock(mutex_);
        return state_ == State::running;
    }

    engine::JobService& jobs_;
    ServerOptions options_;
    Polling polling_;
    State state_ = State::idle;
    std::mutex mutex_;
    BoundedServer http_;
};

Server::Server(const Services& services, ServerOptions options)
    : impl_(std::make_unique<Impl>(services, std::move(options))) {}

Server::~Server() = default;

void Server::run() {
    impl_->run();
}

void Server::stop() {
    impl_->stop();
}

} // namespace lab::server
