// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "cli/session.h"
#include "plan/job_spec.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace lab::cli {

/// Every word by `parse`; all problems of all words in one Error.
template <class T>
std::vector<T> parse_all(const std::vector<std::string>& words,
                         Parsed<T> (*parse)(const std::string&)) {
    std::vector<T> values;
    Diagnostics problems;
    for (const auto& word : words) {
        auto parsed = parse(word);
        if (parsed) {
            values.push_back(*std::move(parsed));
        } else {
            problems.insert(problems.end(), parsed.error().begin(), parsed.error().end());
        }
    }
    if (!problems.empty()) {
        throw to_error(problems);
    }
    return values;
}

/// What says how a system is measured.
struct BenchmarkOptions {
    std::string benchmark;
    std::string metric = {};
    std::vector<std::string> params = {}; ///< "name=value"
    std::string clock = {};
    std::string quiet = {};
};

void add_benchmark_options(CLI::App& verb, BenchmarkOptions& options);

/// The check of a verb: a benchmark, or the command behind "--".
/// @throws Error bad_input  when there is none of them or both.
[[nodiscard]] plan::Check check_of(const Session& session, const BenchmarkOptions& options);

/// Splits "<good>..<bad>".
[[nodiscard]] std::pair<std::string, std::string> parse_range(const std::string& text);

} // namespace lab::cli
