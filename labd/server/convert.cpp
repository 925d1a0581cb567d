// SPDX-License-Identifier: Apache-2.0
#include "server/convert.h"

#include "base/clock.h"

#include <algorithm>

namespace lab::server {
namespace {

std::optional<std::string> text_of(const std::optional<WallTime>& time) {
    return time ? std::optional<std::string>(format_time(*time)) : std::nullopt;
}

double seconds_between(WallTime start, WallTime end) {
    return std::max(0.0, std::chrono::duration<double>(end - start).count());
}

/// JSON that the engine made; a broken text is shown as text rather than lost.
nlohmann::json json_of(const std::string& text) {
    auto value = nlohmann::json::parse(text, nullptr, false);
    return value.is_discarded() ? nlohmann::json{{"text", text}} : value;
}

} // namespace

api::Job to_wire(const engine::JobSummary& summary, WallTime now) {
    api::Job job;
    job.id = summary.id;
    job.kind = summary.kind;
    job.title = summary.title;
    job.state = engine::to_string(summary.state);
    job.exit_code = summary.exit_code;
    job.error = summary.error;
    job.hint = summary.hint;
    job.created = format_time(summary.created);
    job.started = text_of(summary.started);
    job.ended = text_of(summary.ended);
    if (summary.started) {
        job.seconds = seconds_between(*summary.started, summary.ended.value_or(now));
    }
    return job;
}

api::Submitted to_wire(const engine::Submitted& submitted) {
    return {submitted.id, submitted.title, json_of(submitted.spec_json)};
}

api::JobDetail to_wire(const engine::JobDetail& detail, WallTime now) {
    api::JobDetail out;
    out.job = to_wire(detail.summary, now);
    out.spec = json_of(detail.spec_json);
    out.result = json_of(detail.result_json);
    for (const auto& step : detail.steps) {
        out.steps.push_back(
            {step.key, step.state, step.attempts, format_time(step.started), text_of(step.ended),
             seconds_between(step.started, step.ended.value_or(now)), step.summary});
    }
    return out;
}

api::EventPage to_wire(const engine::EventPage& page) {
    api::EventPage out;
    out.state = engine::to_string(page.state);
    for (const auto& event : page.events) {
        out.events.push_back(
            {event.sequence, format_time(event.time), event.kind, json_of(event.data_json)});
    }
    return out;
}

api::Vm to_wire(const engine::VmStatus& vm) {
    return {vm.name, vm.kind, vm.machine, vm.root, vm.instance, vm.cpus, vm.memory.count};
}

api::Access to_wire(const engine::VmAccess& access) {
    return {access.session, access.host,        access.port,           access.user,
            access.key,     access.known_hosts, access.console_socket, access.console_log};
}

api::TemplateInfo to_wire(const engine::TemplateInfo& info) {
    return {info.name, info.description, info.directory,
            info.text, info.builds,      info.machine_builds};
}

api::Image to_wire(const ports::Image& image) {
    return {ports::to_string(image.kind),
            image.key,
            image.directory.string(),
            image.digest,
            image.size.count,
            image.parent,
            image.depth,
            image.labels,
            format_time(image.created)};
}

api::GarbageReport to_wire(const ports::GarbageReport& report) {
    return {all_to_wire(report.removed), all_to_wire(report.kept_in_use), all_to_wire(report.kept),
            report.freed.count};
}

api::VerifyResult to_wire(const ports::VerifyResult& result) {
    return {to_wire(result.image), result.problem};
}

api::DoctorCheck to_wire(const engine::DoctorCheck& check) {
    return {check.id, check.result, check.text, check.fix};
}

api::Letter to_wire(const engine::LetterInfo& letter) {
    api::Letter wire;
    wire.id = letter.id;
    wire.title = letter.title;
    wire.channel = letter.channel;
    wire.config_path = letter.config_path;
    wire.state = letter.state;
    wire.attempts = letter.attempts;
    wire.created = format_time(letter.created);
    wire.due = text_of(letter.due);
    wire.reason = letter.reason;
    return wire;
}

api::Sut to_wire(const engine::SutStatus& status) {
    const auto& sut = status.sut;
    api::Sut wire;
    wire.name = sut.name;
    wire.host = sut.address.host;
    wire.user = sut.address.user;
    wire.port = sut.address.port.value_or(0);
    wire.keyfile = sut.address.key.string();
    wire.host_key = sut.host_key;
    wire.fingerprint = sut.fingerprint;
    wire.power_cycle = sut.power_cycle;
    wire.console = sut.console;
    wire.boot_timeout = std::chrono::duration<double>(sut.boot_timeout).count();
    wire.state = engine::to_string(status.use);
    wire.reason = sut.quarantine;
    return wire;
}

ports::Sut from_wire(const api::Sut& wire) {
    ports::Sut sut;
    sut.name = wire.name;
    sut.address.host = wire.host;
    sut.address.user = wire.user;
    if (wire.port > 65535) {
        throw Error(ErrorCode::bad_input, "port: is out of range (1 to 65535)");
    }
    sut.address.port = wire.port == 0 ? std::nullopt : std::optional(wire.port);
    sut.address.key = wire.keyfile;
    sut.host_key = wire.host_key;
    sut.fingerprint = wire.fingerprint;
    sut.power_cycle = wire.power_cycle;
    sut.console = wire.console;
    constexpr double longest = 24 * 3600.0;
    if (!(wire.boot_timeout >= 1 && wire.boot_timeout <= longest)) {
        throw Error(ErrorCode::bad_input, "boot_timeout: is out of range (1 s to 24 h)");
    }
    sut.boot_timeout = Duration(static_cast<Duration::rep>(wire.boot_timeout * 1000));
    return sut;
}

api::HostKey to_wire(const ports::HostKey& host_key) {
    const char* known = host_key.known == ports::KnownHost::yes       ? "yes"
                        : host_key.known == ports::KnownHost::changed ? "changed"
                                                                      : "no";
    return {host_key.text, host_key.fingerprint, known};
}

nlohmann::json to_wire(const engine::Fingerprint& fingerprint) {
    return engine::to_json(fingerprint);
}

engine::ConfigText from_wire(const api::ConfigText& config) {
    return {config.path, config.text};
}

engine::Collection from_wire(const api::GarbageRequest& request) {
    engine::Collection out;
    if (request.keep_at_most) {
        out.keep_at_most = Bytes{*request.keep_at_most};
    }
    out.all = request.all;
    out.dry_run = request.dry_run;
    return out;
}

} // namespace lab::server
