// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/targets.h"

#include "base/text.h"

namespace lab::cli {

void add_benchmark_options(CLI::App& verb, BenchmarkOptions& options) {
    verb.add_option("--bench", options.benchmark, "Benchmark that measures")
        ->option_text("SUITE/NAME");
    verb.add_option("--param", options.params, "A parameter of it; may be repeated")
        ->option_text("NAME=VALUE")
        ->expected(1)
        ->take_all();
}

plan::Check check_of(const Session& session, const BenchmarkOptions& options) {
    const auto& [benchmark, metric, params] = options;
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
    if (!params.empty() && benchmark.empty()) {
        throw Error(ErrorCode::bad_input, "--param: a command has none (only with --bench)");
    }
    plan::Check check{benchmark, metric, command};
    for (const auto& text : params) {
        const auto equals = text.find('=');
        const auto name = text.substr(0, equals);
        if (equals == std::string::npos || equals == 0 ||
            !check.params.emplace(name, text.substr(equals + 1)).second) {
            throw Error(ErrorCode::bad_input,
                        "--param: '" + cap(escape_for_terminal(text), 64) +
                            "' is not allowed (NAME=VALUE, every name once)",
                        "for example: --param threads=4");
        }
    }
    return check;
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
