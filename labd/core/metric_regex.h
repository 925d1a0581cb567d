// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/expected.h"
#include "core/metric_lines.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lab::core {

/// Why a pattern cannot find a value: not RE2 syntax, or not one group. Nothing when it can.
[[nodiscard]] std::optional<std::string> metric_regex_problem(const std::string& pattern);

/// The number in the pattern's group where it first matches, in an output of any length.
///
/// Up to 1 MiB the output is one text. Of a longer one no more than that is kept at once: a match
/// has to lie within one line there, and one that does not, or a line above 1 MiB, is an error. The
/// output is foreign: RE2 takes time linear in it. Pure, not thread-safe.
class MetricSearch {
public:
    /// @pre metric_regex_problem() has none.
    explicit MetricSearch(const std::string& pattern);
    MetricSearch(const MetricSearch&) = delete;
    MetricSearch& operator=(const MetricSearch&) = delete;
    ~MetricSearch();

    void feed(std::string_view bytes);

    /// The number, or why there is none: nothing matches, what stands there is no finite decimal
    /// number, or it may have been cut. Call once, behind the last bytes.
    [[nodiscard]] Expected<double, std::string> finish(OutputEnd end);

private:
    void search(std::string_view lines);

    struct Patterns;
    std::unique_ptr<const Patterns> patterns_;
    std::string pending_;
    bool is_long_ = false; ///< some of it is gone
    std::optional<Expected<double, std::string>> answer_;
};

} // namespace lab::core
