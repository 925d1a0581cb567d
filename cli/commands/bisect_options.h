// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/targets.h"
#include "cli/session.h"
#include "plan/job_spec.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace lab::cli {

/// What `lab bisect` and `lab bisect replay` are told.
struct BisectOptions {
    std::string range; ///< "<good>..<bad>"
    std::string vm;
    std::string on;
    BenchmarkOptions check;
    std::string strategy = "bayes";
    std::string wanted = "first";
    std::string repository;
    std::string timeout;
    std::string timeout_is;
    std::string panic_is;
    std::string metric_regex;
    std::vector<std::string> paths;
    std::vector<std::string> more_good;
    std::string term_good;
    std::string term_bad;
    double confidence = 0.99;
    unsigned jobs = 0;
    bool first_parent = false;
    bool kernel_only = false;
    bool higher_is_better = false;
    bool lower_is_better = false;
    bool no_prune = false;
    bool detach = false;
};

inline constexpr const char* bisect_footer =
    "With machines: --vm, --on, and --bench or the command that judges.\n"
    "Without: lab bisect GOOD..BAD [--repo DIR] -- COMMAND ... runs it in checkouts here.\n"
    "Its exit code: 0 good, 125 skip, 1-124, 126 and 127 bad, others end the bisection;\n"
    "or it prints 'LAB_METRIC <name> <value> <unit>' and ends with 0.";

void add_bisect_options(CLI::App& verb, BisectOptions& options);

/// The bisection asked for, without its ends.
/// @throws Error bad_input  for options that do not go together.
[[nodiscard]] plan::BisectSpec bisect_spec(const Session& session, const BisectOptions& options);

/// The job named, or the newest bisection when none is.
/// @throws Error not_found  when there is none.
[[nodiscard]] std::string newest_bisection(Session& session, const std::string& id);

/// Starts what was asked for and follows it.
int start_bisection(Session& session, const BisectOptions& options);

} // namespace lab::cli
