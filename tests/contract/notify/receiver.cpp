// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/notify/receiver.h"

#include "base/process.h"

namespace lab::test {

Identity make_identity(const std::filesystem::path& directory,
                       const std::string& alternative_name) {
    Identity identity{directory / (alternative_name + ".crt"),
                      directory / (alternative_name + ".key")};
    ProcessSpec spec;
    spec.argv = {"openssl",
                 "req",
                 "-x509",
                 "-newkey",
                 "ec",
                 "-pkeyopt",
                 "ec_paramgen_curve:prime256v1",
                 "-nodes",
                 "-days",
                 "2",
                 "-subj",
                 "/CN=lab-test",
                 "-addext",
                 "subjectAltName=" + alternative_name,
                 "-keyout",
                 identity.key.string(),
                 "-out",
                 identity.certificate.string()};
    run_process_checked(spec);
    return identity;
}

Receiver::Receiver() : scheme_("http"), server_(std::make_unique<httplib::Server>()) {
    start();
}

Receiver::Receiver(const Identity& identity)
    : scheme_("https"), server_(std::make_unique<httplib::SSLServer>(identity.certificate.c_str(),
                                                                     identity.key.c_str())) {
    start();
}

Receiver::~Receiver() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    server_->stop();
    thread_.join();
}

void Receiver::start() {
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
        record(request);
        answer(request, response);
    };
    server_->Post(".*", handler);
    server_->Put(".*", handler);
    server_->Patch(".*", handler);
    server_->Get(".*", handler);
    server_->set_keep_alive_max_count(1);
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) { // stop() before that would be lost
        std::this_thread::yield();
    }
}

std::string Receiver::url(const std::string& path) const {
    return scheme_ + "://" + authority() + path;
}

std::vector<Received> Receiver::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::vector<Received> Receiver::await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return requests_.size() >= count; });
    return requests_;
}

void Receiver::record(const httplib::Request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back({request.method, request.path, request.headers, request.body});
    changed_.notify_all();
}

void Receiver::answer(const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/busy") {
        response.status = 429;
        response.set_header("Retry-After", "2");
    } else if (request.path == "/error") {
        response.status = 500;
        response.set_content("on fire", "text/plain");
    } else if (request.method == "PATCH" && request.path.starts_with("/forgetful/")) {
        response.status = 404;
    } else if (request.path == "/redirect") {
        response.set_redirect("/ok");
    } else if (request.path == "/hang") {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(30), [this] { return ending_; });
    } else if (request.path == "/huge") {
        response.set_content_provider(std::size_t{1} << 30U, "text/plain",
                                      [this](std::size_t, std::size_t, httplib::DataSink& sink) {
                                          static const std::string block(65536, 'x');
                                          huge_bytes_ += block.size();
                                          return sink.write(block.data(), block.size());
                                      });
    } else if (request.path.starts_with("/echo")) {
        response.status = 400;
        response.set_content(request.path + " " + request.get_header_value("Authorization"),
                             "text/plain");
    } else {
        response.set_content(R"({"ok":true,"id":"77"})", "application/json");
    }
}

} // namespace lab::test
