// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/output/lists.h"
#include "plan/ssh_address.h"

namespace lab::cli {
namespace {

std::string address_text(const api::Sut& sut) {
    return plan::to_string(plan::SshAddress{
        sut.host, sut.user, sut.port == 0 ? std::nullopt : std::optional(sut.port)});
}

/// A field as it is shown; empty when the machine did not tell.
std::string field_text(const nlohmann::json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) {
        return {};
    }
    return found->is_string() ? found->get<std::string>() : json_text(*found);
}

} // namespace

Document suts_document(const std::vector<api::Sut>& suts) {
    Document document{
        suts, {{"SUT", "ADDRESS", "STATE", "POWER CYCLE", "CONSOLE", "REASON"}, {}}, {}};
    for (const auto& sut : suts) {
        document.ids.push_back(sut.name);
        document.table.rows.push_back({sut.name, address_text(sut), sut.state,
                                       shell_join(sut.power_cycle), shell_join(sut.console),
                                       sut.reason});
    }
    return document;
}

Document fingerprint_document(const nlohmann::json& fingerprint) {
    Document document{fingerprint, {{"PART", "FIELD", "VALUE"}, {}}, {}};
    const auto add = [&](const char* part, const char* name, const std::string& value) {
        document.table.rows.push_back({part, name, value});
    };
    for (const char* name : {"host_name", "architecture", "cpu_count"}) {
        add("HW", name, field_text(fingerprint, name));
    }
    const auto cpus = fingerprint.value("cpus", nlohmann::json::array());
    if (!cpus.empty() && cpus.front().is_object()) {
        add("HW", "cpu_model", field_text(cpus.front(), "model name"));
    }
    const auto memory = fingerprint.value("memory", std::uint64_t{0});
    add("HW", "memory", memory == 0 ? "" : format_bytes({memory}));
    for (const char* name : {"vendor_name", "product_name"}) {
        add("HW", name, field_text(fingerprint, name));
    }
    for (const char* name : {"kernel_name", "userspace_name"}) {
        add("SW", name, field_text(fingerprint, name));
    }
    document.ids.push_back(field_text(fingerprint, "host_name"));
    return document;
}

} // namespace lab::cli
