// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "engine/service.h"
#include "engine/sut_service.h"

/// The engine's values as wire messages and back. Wire types stop here.
namespace lab::server {

[[nodiscard]] api::Job to_wire(const engine::JobSummary& summary, WallTime now);
[[nodiscard]] api::Submitted to_wire(const engine::Submitted& submitted);
[[nodiscard]] api::JobDetail to_wire(const engine::JobDetail& detail, WallTime now);
[[nodiscard]] api::EventPage to_wire(const engine::EventPage& page);
[[nodiscard]] api::Vm to_wire(const engine::VmStatus& vm);
[[nodiscard]] api::Access to_wire(const engine::VmAccess& access);
[[nodiscard]] api::TemplateInfo to_wire(const engine::TemplateInfo& info);
[[nodiscard]] api::Image to_wire(const ports::Image& image);
[[nodiscard]] api::GarbageReport to_wire(const ports::GarbageReport& report);
[[nodiscard]] api::VerifyResult to_wire(const ports::VerifyResult& result);
[[nodiscard]] api::DoctorCheck to_wire(const engine::DoctorCheck& check);
[[nodiscard]] api::Letter to_wire(const engine::LetterInfo& letter);

[[nodiscard]] api::Sut to_wire(const engine::SutStatus& status);
[[nodiscard]] api::HostKey to_wire(const ports::HostKey& host_key);
[[nodiscard]] nlohmann::json to_wire(const engine::Fingerprint& fingerprint);

[[nodiscard]] ports::Sut from_wire(const api::Sut& sut);
[[nodiscard]] engine::ConfigText from_wire(const api::ConfigText& config);
[[nodiscard]] engine::Collection from_wire(const api::GarbageRequest& request);

/// Each of a list.
template <class T>
[[nodiscard]] auto all_to_wire(const std::vector<T>& values) {
    std::vector<decltype(to_wire(values.front()))> out;
    out.reserve(values.size());
    for (const auto& value : values) {
        out.push_back(to_wire(value));
    }
    return out;
}

} // namespace lab::server
