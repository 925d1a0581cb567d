// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::cli {

/// How a command ended; like a shell, 127 when there is no such command, 126 when it cannot be run.
struct CommandEnd {
    int exit_code = 0;         ///< 128 + signal when a signal ended it, as shells say it
    std::optional<int> signal; ///< that ended it
    Duration duration = Duration::zero();
    std::string failure; ///< why it could not be started, with 127 or 126; empty when it ran

    [[nodiscard]] bool succeeded() const { return exit_code == 0; }
};

/// Makes writing to a closed pipe an error instead of our end. A command that is run later is not
/// touched by it. Call once, before there are other threads.
void ignore_broken_pipes();

/// Runs a command that sees nothing of us: our standard streams and terminal, our process group
/// (so it is in the foreground when we are, and its keys reach it), our limits and the signals we
/// were started with. A signal sent to us alone is passed on to it.
/// @throws Error infra  when this host cannot start anything.
[[nodiscard]] CommandEnd run_command(const std::vector<std::string>& argv);

/// The end of what a command writes to our standard error, or to our standard output when it writes
/// nothing there, if these are files: then it can be read afterwards, and the command sees no
/// difference. Of a terminal or a pipe nothing is known.
class OutputTail {
public:
    /// Remembers where the files end now; before the command is started.
    OutputTail();

    /// The last ten lines at most, without terminal sequences; foreign bytes.
    [[nodiscard]] std::string read() const;

private:
    struct Stream {
        int descriptor;
        std::optional<long> start; ///< nothing: not a file
    };

    static Stream stream(int descriptor);

    Stream error_;
    Stream output_;
};

/// Text without the escape sequences by which programs colour a terminal (ECMA-48 CSI and OSC).
[[nodiscard]] std::string without_terminal_sequences(const std::string& text);

/// The last `count` lines of a text, without the line break at its end.
[[nodiscard]] std::string last_lines(const std::string& text, std::size_t count);

} // namespace lab::cli
