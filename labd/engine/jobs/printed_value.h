// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/metric_regex.h"
#include "core/observation.h"

#include <optional>
#include <string>
#include <string_view>

namespace lab::engine {

/// The value in what a command prints on its standard output, read while it runs, however long that
/// is. Not thread-safe.
class PrintedValue {
public:
    /// @param regex  with one group around the number; empty = metric lines.
    explicit PrintedValue(const std::string& regex);

    void feed(std::string_view bytes);

    /// What a command found that printed this and ended with 0: a value, an exit code where it
    /// printed none, or why the value cannot be told. Call once.
    [[nodiscard]] core::Finding finish(core::OutputEnd end);

private:
    std::optional<core::MetricSearch> search_; ///< absent = metric lines
    core::MetricLines lines_;
};

} // namespace lab::engine
