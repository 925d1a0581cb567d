// SPDX-License-Identifier: Apache-2.0
#include "plan/benchmark_run.h"

#include "base/text.h"
#include "plan/param_value.h"

#include <algorithm>

namespace lab::plan {
namespace {

/// Finds docker or podman on the SUT and runs the image once, with the parameters as variables.
std::string container_text(const Benchmark& benchmark) {
    std::string text = "lab_engine=$(command -v docker || command -v podman) || "
                       "{ echo 'neither docker nor podman is installed' >&2; exit 127; }; "
                       "\"$lab_engine\" run --rm";
    for (const auto& param : benchmark.params) {
        text += " --env " + shell_quote(param.name + "=" + param.value);
    }
    text += " -- " + shell_quote(benchmark.image);
    if (!benchmark.command.empty()) {
        text += " sh -c " + shell_quote(benchmark.command);
    }
    return text;
}

} // namespace

Parsed<Benchmark> with_params(Benchmark benchmark, const ParamValues& values) {
    Diagnostics problems;
    for (const auto& [name, value] : values) {
        const auto param =
            std::find_if(benchmark.params.begin(), benchmark.params.end(),
                         [&name = name](const Param& known) { return known.name == name; });
        const auto label = "parameter " + cap(escape_for_terminal(name), 64);
        if (param == benchmark.params.end()) {
            std::vector<std::string> names;
            for (const auto& known : benchmark.params) {
                names.push_back(known.name);
            }
            problems.push_back({label, "is none of " + benchmark.id() + " (it has " +
                                           (names.empty() ? "none" : join(names, ", ")) + ")"});
        } else if (const auto problem = param_problem(*param, value)) {
            problems.push_back({label, *problem});
        } else {
            param->value = value;
        }
    }
    if (!problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    return benchmark;
}

std::string run_text(const Benchmark& benchmark) {
    if (benchmark.type == BenchmarkType::container) {
        return container_text(benchmark);
    }
    std::string text;
    for (const auto& param : benchmark.params) {
        text += "export " + param.name + "=" + shell_quote(param.value) + "; ";
    }
    return text + benchmark.command;
}

} // namespace lab::plan
