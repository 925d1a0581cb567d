// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "base/clock.h"

#include <ostream>
#include <string>

namespace lab::cli {

/// How progress is shown.
enum class ProgressStyle {
    silent, ///< not at all
    lines,  ///< a line per phase, warning and verdict, and a heartbeat in silence
    bar,    ///< the same, and a line at the bottom that changes in place
};

/// Shows the events of a job. Time is handed in, so that it can be tested. Not thread-safe.
class Progress {
public:
    /// Longest silence before a heartbeat line.
    static constexpr Duration heartbeat = std::chrono::seconds(15);

    /// @param columns  width of the terminal; only for the bar.
    Progress(std::ostream& out, ProgressStyle style, Instant start, std::size_t columns = 80);

    void show(const api::Event& event, Instant now);

    /// Call about once a second: heartbeat or a fresh bottom line.
    void tick(Instant now);

    /// Removes the bottom line; call before anybody else writes to the terminal.
    void clear();

private:
    void write_line(const std::string& text);
    void redraw(Instant now);

    std::ostream& out_;
    ProgressStyle style_;
    Instant start_;
    Instant last_output_;
    std::size_t columns_;
    std::string activity_;
    std::string bar_;
    bool bottom_line_ = false;
};

/// The style for this process's standard error.
[[nodiscard]] ProgressStyle progress_style();

/// Width of the terminal at standard error; 80 when it is none.
[[nodiscard]] std::size_t terminal_columns();

} // namespace lab::cli
