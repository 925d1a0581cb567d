// SPDX-License-Identifier: Apache-2.0
#include "api/client.h"

#include "api/codec.h"
#include "base/handle.h"
#include "base/text.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

namespace lab::api {
namespace {

constexpr Duration quick = std::chrono::seconds(30);
constexpr Duration submission = std::chrono::minutes(2); // resolves revisions in large repositories
constexpr Duration inspection = std::chrono::minutes(10); // doctor boots a guest
constexpr Duration reading_all_images = std::chrono::hours(4);

Error no_daemon(const std::filesystem::path& socket) {
    return Error(ErrorCode::infra, "no daemon answers at " + socket.string(),
                 "start it with: lab daemon start");
}

httplib::Client connect(const std::filesystem::path& socket, Duration timeout) {
    httplib::Client http(socket.string(), 80);
    http.set_address_family(AF_UNIX);
    http.set_socket_options([](int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); });
    http.set_default_headers({{"Host", "labd"}, {version_header, std::to_string(api_version)}});
    http.set_connection_timeout(std::chrono::seconds(5));
    http.set_read_timeout(timeout);
    http.set_write_timeout(std::chrono::seconds(30));
    return http;
}

void require_version(const httplib::Response& response) {
    const auto theirs = response.get_header_value(version_header);
    if (theirs == std::to_string(api_version)) {
        return;
    }
    throw Error(ErrorCode::conflict,
                "labd: the running daemon speaks API " + cap(escape_for_terminal(theirs), 20) +
                    ", this lab speaks API " + std::to_string(api_version),
                std::atoi(theirs.c_str()) > api_version
                    ? "upgrade lab to the version of labd"
                    : "restart the daemon with this version: lab daemon stop");
}

Answer take(const httplib::Result& result, const std::filesystem::path& socket,
            VersionCheck check) {
    if (!result) {
        if (result.error() == httplib::Error::Connection) {
            throw no_daemon(socket);
        }
        throw Error(ErrorCode::infra,
                    "labd: the connection at " + socket.string() + " broke (" +
                        httplib::to_string(result.error()) + ")",
                    "see how it is with: lab daemon status");
    }
    const auto& response = result.value();
    if (response.status >= 200 && response.status < 300) {
        if (check == VersionCheck::strict) {
            require_version(response);
        }
        return {response.body, response.get_header_value(next_offset_header),
                response.get_header_value(final_header)};
    }
    if (const auto error = error_from_body(response.body)) {
        throw *error;
    }
    throw Error(ErrorCode::infra, "labd: answered HTTP " + std::to_string(response.status));
}

/// Sends until it is connected: a full queue of waiting connections looks like no daemon, and what
/// was not connected was not sent either.
template <class Send>
httplib::Result persist(const std::filesystem::path& socket, const Send& send) {
    constexpr int attempts = 50;
    auto result = send();
    for (int i = 1;
         i < attempts && result.error() == httplib::Error::Connection && daemon_answers(socket);
         ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        result = send();
    }
    return result;
}

template <class T>
T decoded(const Answer& answer, const char* member = nullptr) {
    try {
        const auto body = nlohmann::json::parse(answer.body);
        return member == nullptr ? body.get<T>() : body.at(member).get<T>();
    } catch (const nlohmann::json::exception& e) {
        throw Error(ErrorCode::infra, std::string("labd: the answer makes no sense: ") + e.what());
    }
}

std::uint64_t number(const std::string& text) {
    return std::strtoull(text.c_str(), nullptr, 10);
}

/// A user's word as one segment of a path; labd answers what it does not know with not_found.
std::string segment(const std::string& word) {
    // Servers undo the escape of a slash before they look for the route.
    if (word.find('/') != std::string::npos || word == "." || word == "..") {
        throw Error(ErrorCode::bad_input, "'" + cap(escape_for_terminal(word), 100) +
                                              "': no such name can exist (it must hold no '/')");
    }
    static constexpr const char* hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '@' || c == '.') {
            out += c;
        } else {
            out += '%';
            out += hex[byte >> 4U];
            out += hex[byte & 15U];
        }
    }
    return out;
}

std::string job_path(const std::string& id) {
    if (id.empty()) {
        throw Error(ErrorCode::bad_input, "job: the id is empty");
    }
    return "/jobs/" + segment(id);
}

std::string config_body(const ConfigText& config) {
    return json_text(nlohmann::json{{"config", config}});
}

} // namespace

bool daemon_answers(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& path = socket.native();
    if (path.size() >= sizeof(address.sun_path)) {
        return false;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const FileDescriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return descriptor && ::connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&address),
                                   sizeof(address)) == 0;
}

bool daemon_serves(const std::filesystem::path& socket) {
    if (!daemon_answers(socket)) {
        return false;
    }
    try {
        static_cast<void>(DaemonClient(Transport(socket)).status());
        return true;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::infra) {
            throw;
        }
        return false;
    }
}

Answer Transport::get(const std::string& path, Duration timeout, VersionCheck check) const {
    auto http = connect(socket_, timeout);
    return take(persist(socket_, [&] { return http.Get("/v1" + path); }), socket_, check);
}

Answer Transport::post(const std::string& path, const std::string& body, Duration timeout,
                       VersionCheck check) const {
    auto http = connect(socket_, timeout);
    const auto send = [&] {
        return http.Post("/v1" + path, body, "application/json");
    };
    return take(persist(socket_, send), socket_, check);
}

Status DaemonClient::status() const {
    return decoded<Status>(transport_.get("/status", std::chrono::seconds(10), VersionCheck::any));
}

void DaemonClient::shutdown() const {
    transport_.post("/shutdown", "", std::chrono::seconds(30), VersionCheck::any);
}

Submitted JobClient::submit(const SubmitRequest& request) const {
    return decoded<Submitted>(
        transport_.post("/jobs", json_text(nlohmann::json(request)), submission));
}

std::vector<Job> JobClient::jobs() const {
    return decoded<std::vector<Job>>(transport_.get("/jobs", quick), "jobs");
}

JobDetail JobClient::job(const std::string& id) const {
    return decoded<JobDetail>(transport_.get(job_path(id), quick));
}

EventPage JobClient::events(const std::string& id, std::uint64_t after, Duration wait) const {
    const auto path = job_path(id) + "/events?after=" + std::to_string(after) +
                      "&wait=" + std::to_string(std::chrono::duration<double>(wait).count());
    return decoded<EventPage>(transport_.get(path, wait + quick));
}

LogChunk JobClient::log(const std::string& id, std::uint64_t offset, std::size_t limit) const {
    auto answer = transport_.get(job_path(id) + "/log?offset=" + std::to_string(offset) +
                                     "&limit=" + std::to_string(limit),
                                 quick);
    return {std::move(answer.body), number(answer.next_offset), answer.final == "true"};
}

bool JobClient::cancel(const std::string& id) const {
    return decoded<bool>(transport_.post(job_path(id) + "/cancel", "", quick), "cancelled");
}

void JobClient::resume(const std::string& id, const std::vector<std::string>& skip) const {
    transport_.post(job_path(id) + "/resume", json_text(nlohmann::json(ResumeRequest{skip})),
                    submission);
}

std::string JobClient::bisect_log(const std::string& id) const {
    return decoded<std::string>(transport_.get(job_path(id) + "/bisect-log", quick), "text");
}

std::vector<Letter> OutboxClient::letters() const {
    return decoded<std::vector<Letter>>(transport_.get("/outbox", quick), "letters");
}

std::size_t OutboxClient::retry(const std::vector<std::string>& ids) const {
    const auto body = json_text(nlohmann::json(LetterIds{ids}));
    return decoded<std::size_t>(transport_.post("/outbox/retry", body, quick), "count");
}

std::size_t OutboxClient::drop(const std::vector<std::string>& ids) const {
    const auto body = json_text(nlohmann::json(LetterIds{ids}));
    return decoded<std::size_t>(transport_.post("/outbox/drop", body, quick), "count");
}

void OutboxClient::watch(const std::string& job, const WatchRequest& request) const {
    transport_.post(job_path(job) + "/watch", json_text(nlohmann::json(request)), quick);
}

std::vector<Vm> LabClient::vms(const ConfigText& config) const {
    return decoded<std::vector<Vm>>(transport_.post("/vms", config_body(config), quick), "vms");
}

void LabClient::stop_vm(const std::string& name) const {
    transport_.post("/vms/" + segment(name) + "/stop", "", submission);
}

Access LabClient::access(const std::string& name) const {
    return decoded<Access>(transport_.get("/vms/" + segment(name) + "/access", quick));
}

std::vector<TemplateInfo> LabClient::templates(const ConfigText& config) const {
    return decoded<std::vector<TemplateInfo>>(
        transport_.post("/templates", config_body(config), quick), "templates");
}

std::vector<Image> LabClient::images() const {
    return decoded<std::vector<Image>>(transport_.get("/images", quick), "images");
}

GarbageReport LabClient::collect(const GarbageRequest& request) const {
    return decoded<GarbageReport>(
        transport_.post("/images/gc", json_text(nlohmann::json(request)), inspection));
}

std::vector<VerifyResult> LabClient::verify() const {
    return decoded<std::vector<VerifyResult>>(
        transport_.post("/images/verify", "", reading_all_images), "results");
}

std::vector<DoctorCheck> LabClient::doctor() const {
    return decoded<std::vector<DoctorCheck>>(transport_.get("/doctor", inspection), "checks");
}

std::vector<Sut> SutClient::suts() const {
    return decoded<std::vector<Sut>>(transport_.get("/suts", quick), "suts");
}

HostKey SutClient::host_key(const Sut& sut) const {
    return decoded<HostKey>(
        transport_.post("/host-key", json_text(nlohmann::json(sut)), submission));
}

void SutClient::add(const Sut& sut) const {
    transport_.post("/suts", json_text(nlohmann::json(sut)), submission);
}

nlohmann::json SutClient::fingerprint(const std::string& name) const {
    return decoded<nlohmann::json>(
        transport_.get("/suts/" + segment(name) + "/fingerprint", submission));
}

void SutClient::remove(const std::string& name) const {
    transport_.post("/suts/" + segment(name) + "/remove", "", quick);
}

void SutClient::release(const std::string& name) const {
    transport_.post("/suts/" + segment(name) + "/release", "", quick);
}

} // namespace lab::api
