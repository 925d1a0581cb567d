// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "plan/model.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lab::plan {

/// Gives the content of a file named in a template, or nothing when it cannot be read.
/// The pure parser asks its caller for it.
using FileReader = std::function<std::optional<std::string>(const std::filesystem::path&)>;

/// lab.yaml text -> model. Relative paths are taken from the directory of `file`.
/// All problems at once, each at "<file name>:<line>:<column>".
[[nodiscard]] Parsed<Config> parse_config(const std::string& text,
                                          const std::filesystem::path& file);

/// template.yaml text -> model, with the content of the script files it names.
[[nodiscard]] Parsed<Template> parse_template(const std::string& text,
                                              const std::filesystem::path& file,
                                              const FileReader& reader);

/// Benchmark YAML text -> model.
[[nodiscard]] Parsed<Benchmark> parse_benchmark(const std::string& text,
                                                const std::filesystem::path& file);

/// The commented lab.yaml that `lab init` writes for a template.
/// @param chosen       a template with build recipes.
/// @param source_path  repository of the source, as it shall stand in the file.
[[nodiscard]] std::string initial_config(const Template& chosen, const std::string& source_path,
                                         unsigned host_cpus, Bytes host_memory);

} // namespace lab::plan
