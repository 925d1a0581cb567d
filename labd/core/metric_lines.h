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

/// Whether a stream of output came to its own end.
enum class OutputEnd {
    whole,
    cut ///< its last line may be only the beginning of one
};

/// Finds the lines `LAB_METRIC <name> <value> <unit>` in a benchmark's output of any length; other
/// lines are ignored. It keeps the values and at most one line.
///
/// The output is foreign: a name or unit outside [A-Za-z0-9._/%-] (1 to 64 characters), a value
/// that is not a finite decimal number, a name that appears twice, more than 1000 metrics, a line
/// above 4096 bytes and one that may have been cut are diagnostics with the line number, of which
/// there are 20 at most. Pure, not thread-safe.
class MetricLines {
public:
    /// Takes the next bytes; a line may be cut anywhere between two calls.
    void feed(std::string_view bytes);

    /// What was found. Call once, behind the last bytes.
    [[nodiscard]] Parsed<std::vector<MetricLine>> finish(OutputEnd end);

private:
    void keep(std::string_view part);
    void end_line();
    void read_line(std::string_view line);
    void complain(const std::string& problem);

    std::size_t number_ = 1; ///< of the line that is being read
    std::string line_;       ///< its beginning without blanks before it
    bool too_long_ = false;  ///< there is more of it
    std::vector<MetricLine> metrics_;
    Diagnostics diagnostics_;
};

} // namespace lab::core
