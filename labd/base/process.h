// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
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
    Bytes output_limit = mebibytes(1); ///< of stdout and of stderr each; more is dropped
    std::function<void(std::string_view)> on_output = nullptr; ///< live stdout and stderr bytes
};

/// How a program ended.
struct ProcessResult {
    int exit_code = 0; ///< 128 + signal when a signal ended it
    std::string out;
    std::string err;
    bool timed_out = false;
};

/// Runs a program to its end. A program that outlives its timeout or the stop
/// request is killed with its whole process group.
/// @throws Error      infra when it cannot be started (not_found when there is no such program).
/// @throws Cancelled  when stop was requested; the program is dead by then.
/// @note Thread-safe.
[[nodiscard]] ProcessResult run_process(const ProcessSpec& spec, const std::stop_token& stop = {});

/// Like run_process, but an exit code other than 0 is an infra Error that quotes stderr.
ProcessResult run_process_checked(const ProcessSpec& spec, const std::stop_token& stop = {});

/// Path of a program in a list of directories as in PATH (empty = our own PATH), if there is one.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name,
                                                                std::string_view search_path = {});

} // namespace lab
