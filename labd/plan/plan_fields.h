// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/bench_plan.h"
#include "plan/yaml_fields.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lab::plan {

/// Most entries of a list of a plan.
inline constexpr std::size_t most_plan_entries = 1000;

/// Reads `sut`: the name of a test VM, or a map with name and connection.
/// @param directory  what a relative keyfile is taken from.
[[nodiscard]] PlanSut read_sut(const YamlField& field, const std::filesystem::path& directory);

/// Reads the keys of a software profile that change a machine: cmdline, sysctl and bootscript.
void read_settings(YamlMap& map, PlanProfile& profile);

/// Reads `defaults.benchmark`.
[[nodiscard]] RunCounts read_defaults(const YamlField& field);

/// A path, made absolute by the directory.
[[nodiscard]] std::filesystem::path read_path(const YamlField& field,
                                              const std::filesystem::path& directory);

/// Checks what stands for a host, a user or a port of SSH on a command line as a plan does.
/// @return what is wrong with it; nothing for a word that cannot be taken for an option of ssh.
[[nodiscard]] std::optional<std::string> ssh_word_problem(const std::string& word);

/// A commit as plans and contexts write it: 7 to 64 hex digits, lower case. Absent is fine.
[[nodiscard]] std::string read_sha(const YamlField& field);

} // namespace lab::plan
