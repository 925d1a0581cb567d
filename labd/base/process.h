// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/supervisor.h"
#include "base/units.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lab {

/// A program to run: argv only, never a shell.
struct ProcessSpec {
    std::vector<std::string> argv; ///< argv[0] is searched in PATH
    std::vector<std::pair<std::string, std::string>> environment = {}; ///< added to ours
    std::optional<std::filesystem::path> directory = {};
    std::string input = {}; ///< its standard input, read from memory; empty = /dev/null
    std::optional<std::filesystem::path> stdout_file = {}; ///< written instead of being captured
    Duration timeout = std::chrono::minutes(10);
    Bytes output_limit = mebibytes(1); ///< of what is kept of stdout and of stderr each
    std::function<void(std::string_view)> on_output = nullptr; ///< live stdout and stderr bytes
    std::function<void(std::string_view)> on_stdout = nullptr; ///< live stdout bytes
    Leftovers leftovers = Leftovers::end;
};

/// How a program ended.
struct ProcessResult {
    int exit_code = 0; ///< 128 + signal when a signal ended it
    std::string out;   ///< as KeptOutput::text() has it
    std::string err;   ///< likewise
    Bytes left_out;    ///< of both, beyond the limit
    bool timed_out = false;
    bool cut_short = false;   ///< others held the output open until they were ended, or longer
    unsigned left_behind = 0; ///< processes that it had left and that were ended
};

/// A program that is there but cannot be started, for what its file holds: an interpreter that is
/// missing, another machine's code.
class UnfitProgram : public Error {
public:
    using Error::Error;
};

/// Runs a program to its end, with the descriptors 0, 1 and 2 alone.
///
/// It has ended when its own process has: what it leaves is then killed (unless that is to be
/// kept), whatever session or environment it runs in, and output that is held open is read for two
/// seconds at most. A program that outlives its timeout or the stop request is killed with all
/// below it, and so it is when we are killed ourselves. A script that names no interpreter is run
/// by the shell, as by execvp(3).
/// @throws Error         infra when it cannot be started (not_found when there is no such program).
/// @throws UnfitProgram  when that is the program's own fault.
/// @throws Cancelled     when stop was requested; the program is dead by then.
/// @note Thread-safe.
[[nodiscard]] ProcessResult run_process(const ProcessSpec& spec, const std::stop_token& stop = {});

/// Like run_process, but an exit code other than 0 is an infra Error that quotes stderr.
ProcessResult run_process_checked(const ProcessSpec& spec, const std::stop_token& stop = {});

/// Path of a program in a list of directories as in PATH (empty = our own PATH), if there is one.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name,
                                                                std::string_view search_path = {});

} // namespace lab
