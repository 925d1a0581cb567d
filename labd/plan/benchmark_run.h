// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "core/metric_lines.h"
#include "plan/model.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lab::plan {

/// Parameters of a benchmark by name, as somebody gave them.
using ParamValues = std::map<std::string, std::string>;

/// The benchmark with other values of its parameters.
/// @return a diagnostic for each that it does not have or that is not allowed.
[[nodiscard]] Parsed<Benchmark> with_params(Benchmark benchmark, const ParamValues& values);

/// Text for a POSIX shell on the SUT that runs the benchmark once: one line, unless its command has
/// several. Every parameter is set as a variable before, its value quoted: whatever stands in it
/// reaches the guest as it is.
[[nodiscard]] std::string run_text(const Benchmark& benchmark);

/// The value of each resultclass in what one run printed.
///
/// The output is foreign. A value that is missing, stands there twice, or is not a finite number,
/// and a unit other than the resultclass's, are diagnostics with the line where there is one; then
/// there is no value at all. Pure, thread-safe.
[[nodiscard]] Parsed<std::vector<core::MetricLine>> read_values(const Benchmark& benchmark,
                                                                std::string_view output);

} // namespace lab::plan
