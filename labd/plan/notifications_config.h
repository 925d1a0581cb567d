// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/notifications.h"
#include "plan/yaml_fields.h"

#include <filesystem>

namespace lab::plan {

/// Reads `notify:` of lab.yaml; what is wrong is reported.
/// @param folder  of lab.yaml; relative paths of secrets are taken from it.
[[nodiscard]] Notifications read_notifications(const YamlField& field,
                                               const std::filesystem::path& folder);

} // namespace lab::plan
