// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"

#include <string>
#include <string_view>
#include <vector>

namespace lab::core {

/// One measured value as a benchmark printed it.
struct MetricLine {
    std::string name;
    double value = 0.0;
    std::string unit;
};

/// Reads the lines `LAB_METRIC <name> <value> <unit>` of a benchmark's output; other lines are
/// ignored.
///
/// The output is foreign: a name or unit outside [A-Za-z0-9._/%-] (1 to 64 characters), a value
/// that is not a finite decimal number, a name that appears twice and more than 1000 metrics are
/// diagnostics with the line number. Pure, thread-safe.
[[nodiscard]] Parsed<std::vector<MetricLine>> parse_metric_lines(std::string_view output);

} // namespace lab::core
