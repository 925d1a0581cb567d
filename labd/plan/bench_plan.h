// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "plan/benchmark_run.h"
#include "plan/model.h"
#include "plan/ssh_address.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lab::plan {

/// What is measured: a machine of the lab by its name, or one that is reached by SSH.
struct PlanSut {
    std::string name;
    std::optional<SshAddress> address = {};
};

/// A software configuration that is measured.
struct PlanProfile {
    std::string name;
    std::string kernel = {};            ///< as it stands there: a path, or a build `<vm>/<commit>`
    std::filesystem::path modules = {}; ///< absolute; of a tar archive
    std::string kernel_git_sha = {};
    std::vector<std::string> cmdline = {};
    std::vector<std::string> sysctl = {};
    std::vector<std::string> bootscript = {};
};

/// One benchmark of a plan: a file of the benchmark directories, or all of it.
struct PlanBenchmark {
    std::string include = {};          ///< "<suite>/<name>"; empty when it stands here
    std::optional<Benchmark> own = {}; ///< then absent
    ParamValues params = {};           ///< other values than the file has
    RunCounts counts = {};             ///< what stands here; the plan's defaults come second
};

/// One SUT, its software profiles, and what they are measured by.
struct BenchPlan {
    PlanSut sut;
    std::vector<PlanProfile> profiles;
    std::vector<PlanBenchmark> benchmarks;
    RunCounts defaults = {}; ///< of benchmarks that do not say it themselves
};

/// Plan YAML -> model. Relative paths are taken from the directory of `file`. All problems at once,
/// each at "<file name>:<line>:<column>".
[[nodiscard]] Parsed<BenchPlan> parse_plan(const std::string& text,
                                           const std::filesystem::path& file);

} // namespace lab::plan
