// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/targets.h"

#include "base/text.h"

namespace lab::cli {

plan::Check check_of(const Session& session, const std::string& benchmark,
                     const std::string& metric) {
    const auto command = session.command_text();
    if (session.words() && command.empty()) {
        throw Error(ErrorCode::bad_input, "--: no command behind it");
    }
    if (benchmark.empty() == command.empty()) {
        throw Error(ErrorCode::bad_input,
                    benchmark.empty() ? "check: neither --bench nor a command (one of them)"
                                      : "check: both --bench and a command (one of them)",
                    "say --bench suite/name, or -- <command ...>");
    }
    if (!benchmark.empty() && !plan::is_benchmark_id(benchmark)) {
        throw Error(ErrorCode::bad_input,
                    "--bench: '" + cap(escape_for_terminal(benchmark), 64) +
                        "' is no benchmark (allowed: <suite>/<name>)",
                    "for example: --bench pebble/ioctl");
    }
    if (!metric.empty() && benchmark.empty()) {
        throw Error(ErrorCode::bad_input, "--metric: a command has none (only with --bench)");
    }
    return {benchmark, metric, command};
}

std::pair<std::string, std::string> parse_range(const std::string& text) {
    const auto dots = text.find("..");
    const bool three = dots != std::string::npos && text.compare(dots, 3, "...") == 0;
    if (dots == std::string::npos || three || dots == 0 || dots + 2 == text.size() ||
        text.find("..", dots + 2) != std::string::npos) {
        throw Error(ErrorCode::bad_input, text + ": not a range (allowed: <good>..<bad>)",
                    "name both ends, for example: lab bisect v1.0..main --vm V --on T --bench B");
    }
    return {text.substr(0, dots), text.substr(dots + 2)};
}

} // namespace lab::cli
