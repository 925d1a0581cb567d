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

/// The value of each resultclass in what one run prints, read while it does.
///
/// Metric lines are found however long the output is; of other forms, which are looked for in the
/// whole of it, output over 4 MiB is an error. The output is foreign: a value that is missing,
/// stands there twice, may have been cut, or is not a finite number, and a unit other than the
/// resultclass's, are diagnostics with the line where there is one; then there is no value at all.
/// Pure, not thread-safe.
class PrintedValues {
public:
    /// @param benchmark  outlives this.
    explicit PrintedValues(const Benchmark& benchmark);

    void feed(std::string_view bytes);

    /// Call once, behind the last bytes.
    [[nodiscard]] Parsed<std::vector<core::MetricLine>> finish(core::OutputEnd end);

private:
    const Benchmark& benchmark_;
    bool needs_text_ = false;
    core::MetricLines lines_;
    std::string text_; ///< where it is needed, up to the limit and a byte more
};

/// The same of an output that is there as a whole.
[[nodiscard]] Parsed<std::vector<core::MetricLine>> read_values(const Benchmark& benchmark,
                                                                std::string_view output);

} // namespace lab::plan
