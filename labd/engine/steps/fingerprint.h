// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"
#include "engine/steps/profile_settings.h"
#include "ports/result_store.h"

namespace lab::engine {

/// What a machine says it is. Every field is foreign text, made valid for a result store, and empty
/// when the machine does not tell.
struct Fingerprint {
    ports::SutRecord hardware;       ///< without a name and without the kernel
    std::string kernel_name = {};    ///< "Linux 6.1.0-18-amd64"
    std::string userspace_name = {}; ///< "Debian GNU/Linux 12 (bookworm)"
};

/// Asks a machine: /proc and DMI of Linux, sysctl and kenv of FreeBSD, os-release. A command that
/// fails leaves its fields empty.
[[nodiscard]] Fingerprint read_fingerprint(const RunOnMachine& run);

/// As it stands in a durable step.
[[nodiscard]] nlohmann::json to_json(const Fingerprint& fingerprint);
[[nodiscard]] Fingerprint fingerprint_from(const nlohmann::json& json);

} // namespace lab::engine
