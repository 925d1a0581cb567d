// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/bench_plan.h"

#include <filesystem>
#include <string>

namespace lab::plan {

/// The benchmark of a context: by its name and what makes it the one that both ends were measured
/// by. How it is run stands in its file of the benchmark directories.
struct ContextBenchmark {
    std::string suite;
    std::string name;
    std::string type = {};  ///< "command", "container"; empty = the store did not know
    std::string image = {}; ///< of a container
    ParamValues params = {};
    RunCounts counts = {}; ///< what stands here; the defaults come second

    [[nodiscard]] std::string title() const { return suite + "/" + name; }
};

/// What `lab bisect start` finds out once and `lab bisect run` needs for every commit.
struct BisectContext {
    PlanSut sut;
    PlanProfile profile; ///< what all commits share: cmdline, sysctl, bootscript; without a name
    ContextBenchmark benchmark;
    RunCounts defaults = {};
    std::string good_swprofile;
    std::string good_sha;
    std::string bad_swprofile;
    std::string bad_sha;
    std::string resultclass;
    std::string resultstore;        ///< where the ends were measured; not opened again
    std::string output_resultstore; ///< copies of the ends, and every commit that is measured
};

/// Context YAML -> model. Relative paths are taken from the directory of `file`. All problems at
/// once, each at "<file name>:<line>:<column>".
[[nodiscard]] Parsed<BisectContext> parse_bisect_context(const std::string& text,
                                                         const std::filesystem::path& file);

/// Inverse of parse_bisect_context: the keys in the order of docs/formats.md.
[[nodiscard]] std::string to_yaml(const BisectContext& context);

/// How one commit is measured.
struct CommitToMeasure {
    std::string swprofile; ///< "bisect-<12 hex>"
    std::string sha;
    std::string kernel = {};            ///< path, or build `<vm>/<commit>`
    std::filesystem::path modules = {}; ///< path of a tar archive; empty = none
    unsigned sessions = 1;              ///< boots, each of one sample
};

/// The plan that measures one commit: YAML for parse_plan().
[[nodiscard]] std::string plan_text(const BisectContext& context, const CommitToMeasure& commit);

} // namespace lab::plan
