// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "cli/output/document.h"
#include "cli/send_messages.h"
#include "plan/model.h"

/// Documents of what the verbs list and show. Pure.
namespace lab::cli {

[[nodiscard]] Document jobs_document(const std::vector<api::Job>& jobs);
[[nodiscard]] Document job_document(const api::JobDetail& detail);
[[nodiscard]] Document vms_document(const std::vector<api::Vm>& vms);
[[nodiscard]] Document suts_document(const std::vector<api::Sut>& suts);

/// @param fingerprint  as docs/api.md has it.
[[nodiscard]] Document fingerprint_document(const nlohmann::json& fingerprint);
[[nodiscard]] Document templates_document(const std::vector<api::TemplateInfo>& templates);
[[nodiscard]] Document template_document(const api::TemplateInfo& info);
[[nodiscard]] Document images_document(const std::vector<api::Image>& images);

/// "1 image", "26 images"
[[nodiscard]] std::string images_text(std::size_t count);

enum class Removal { previewed, done };
[[nodiscard]] Document garbage_document(const api::GarbageReport& report, Removal removal);

[[nodiscard]] Document verify_document(const std::vector<api::VerifyResult>& results);
[[nodiscard]] Document doctor_document(const std::vector<api::DoctorCheck>& checks);
[[nodiscard]] Document status_document(const api::Status& status);
[[nodiscard]] Document config_document(const plan::Config& config);

[[nodiscard]] Document channels_document(const plan::Notifications& notifications);
[[nodiscard]] Document letters_document(const std::vector<api::Letter>& letters);
[[nodiscard]] Document sent_document(const std::vector<Sent>& sent);

/// Channels, with where their secrets are kept, and rules.
[[nodiscard]] nlohmann::json notifications_json(const plan::Notifications& notifications);

/// One line of text that is also an object; `id` for -o id.
[[nodiscard]] Document line_document(const std::string& text, nlohmann::json data,
                                     const std::string& id);

} // namespace lab::cli
