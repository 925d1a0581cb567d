// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "base/clock.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lab::api {

/// True when a process accepts connections at the socket. Takes well below a millisecond.
[[nodiscard]] bool daemon_answers(const std::filesystem::path& socket);

/// Whether a daemon answers a request. A process that was killed a moment ago may still take
/// connections without anybody behind them.
[[nodiscard]] bool daemon_serves(const std::filesystem::path& socket);

/// An answer of labd with a 2xx status.
struct Answer {
    std::string body;
    std::string next_offset; ///< header Lab-Next-Offset, may be empty
    std::string final;       ///< header Lab-Final, may be empty
};

enum class VersionCheck {
    strict,
    any, ///< for what must work between all versions: status and shutdown
};

/// HTTP over labd's unix socket, one connection a request. Thread-safe.
///
/// Every failure is an Error: what labd reports is thrown as it is; nobody listening is infra
/// "no daemon answers at <socket>"; another protocol version is conflict; no answer in time is
/// timed_out.
class Transport {
public:
    explicit Transport(std::filesystem::path socket) : socket_(std::move(socket)) {}

    [[nodiscard]] const std::filesystem::path& socket() const { return socket_; }

    /// @param path  below "/v1", query included; already percent-encoded.
    [[nodiscard]] Answer get(const std::string& path, Duration timeout,
                             VersionCheck check = VersionCheck::strict) const;

    /// @param body  JSON text; empty sends no body.
    Answer post(const std::string& path, const std::string& body, Duration timeout,
                VersionCheck check = VersionCheck::strict) const;

private:
    std::filesystem::path socket_;
};

/// Calls about the daemon itself; they work with every protocol version.
class DaemonClient {
public:
    explicit DaemonClient(const Transport& transport) : transport_(transport) {}
    [[nodiscard]] Status status() const;

    /// Asks labd to end; returns as soon as it agreed.
    void shutdown() const;

private:
    const Transport& transport_;
};

/// engine::JobService from afar; same contract. Ids may be abbreviated or "@last".
class JobClient {
public:
    explicit JobClient(const Transport& transport) : transport_(transport) {}
    [[nodiscard]] Submitted submit(const SubmitRequest& request) const;
    [[nodiscard]] std::vector<Job> jobs() const;
    [[nodiscard]] JobDetail job(const std::string& id) const;
    [[nodiscard]] EventPage events(const std::string& id, std::uint64_t after, Duration wait) const;
    [[nodiscard]] LogChunk log(const std::string& id, std::uint64_t offset,
                               std::size_t limit) const;

    /// Returns false when the job was over already.
    [[nodiscard]] bool cancel(const std::string& id) const;
    void resume(const std::string& id, const std::vector<std::string>& skip = {}) const;
    [[nodiscard]] std::string bisect_log(const std::string& id) const;

private:
    const Transport& transport_;
};

/// engine::OutboxService from afar; same contract.
class OutboxClient {
public:
    explicit OutboxClient(const Transport& transport) : transport_(transport) {}
    [[nodiscard]] std::vector<Letter> letters() const;
    [[nodiscard]] std::size_t retry(const std::vector<std::string>& ids) const;
    [[nodiscard]] std::size_t drop(const std::vector<std::string>& ids) const;
    void watch(const std::string& job, const WatchRequest& request) const;

private:
    const Transport& transport_;
};

/// engine::LabService from afar; same contract.
class LabClient {
public:
    explicit LabClient(const Transport& transport) : transport_(transport) {}
    [[nodiscard]] std::vector<Vm> vms(const ConfigText& config) const;
    void stop_vm(const std::string& name) const;
    [[nodiscard]] Access access(const std::string& name) const;
    [[nodiscard]] std::vector<TemplateInfo> templates(const ConfigText& config) const;
    [[nodiscard]] std::vector<Image> images() const;
    [[nodiscard]] GarbageReport collect(const GarbageRequest& request) const;
    [[nodiscard]] std::vector<VerifyResult> verify() const;
    [[nodiscard]] std::vector<DoctorCheck> doctor() const;

private:
    const Transport& transport_;
};

/// engine::SutService from afar; same contract.
class SutClient {
public:
    explicit SutClient(const Transport& transport) : transport_(transport) {}
    [[nodiscard]] std::vector<Sut> suts() const;
    [[nodiscard]] HostKey host_key(const Sut& sut) const;
    void add(const Sut& sut) const;

    /// docs/api.md has its form.
    [[nodiscard]] nlohmann::json fingerprint(const std::string& name) const;
    void remove(const std::string& name) const;
    void release(const std::string& name) const;

private:
    const Transport& transport_;
};

} // namespace lab::api
