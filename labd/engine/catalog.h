// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "plan/job_spec.h"
#include "plan/model.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lab::engine {

/// Templates and benchmarks found in template directories; an earlier directory hides a later one.
/// Reads the file system at every call, so edits are seen at once. Thread-safe.
class Catalog {
public:
    explicit Catalog(std::vector<std::filesystem::path> directories)
        : directories_(std::move(directories)) {}

    /// @throws Error bad_input  when its YAML is wrong; not_found when there is none of that name.
    [[nodiscard]] plan::Template find_template(const std::string& name) const;

    /// The benchmark of a check, with the check's parameters.
    [[nodiscard]] plan::Benchmark benchmark(const plan::Check& check) const;

    /// Names of all templates, sorted.
    [[nodiscard]] std::vector<std::string> template_names() const;

private:
    std::vector<std::filesystem::path> directories_;
};

/// The machines of a lab.yaml with the templates they refer to, checked.
struct Lab {
    plan::Config config;
    std::map<std::string, plan::Template> templates; ///< all that the machines name

    /// @throws Error not_found  with the names there are.
    [[nodiscard]] const plan::BuildVm& build_vm(const std::string& name) const;
    [[nodiscard]] const plan::TestVm& test_vm(const std::string& name) const;

    /// The template of a build or test VM, with what lab.yaml changes in it.
    /// @throws Error not_found  with the names there are.
    [[nodiscard]] plan::Template machine_of(const std::string& vm) const;
};

/// The catalog of a lab.yaml: its own template directories, then the shipped ones.
[[nodiscard]] Catalog catalog_for(const plan::Config& config,
                                  const std::vector<std::filesystem::path>& shipped);

/// Parses lab.yaml and loads the templates it names.
/// @throws Error bad_input, not_found
[[nodiscard]] Lab load_lab(const std::string& path, const std::string& text,
                           const std::vector<std::filesystem::path>& shipped);

} // namespace lab::engine
