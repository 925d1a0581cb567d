// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/targets.h"

#include "base/text.h"

namespace lab::cli {
namespace {

template <class T>
std::optional<T> word_option(const std::string& option, const std::string& word,
                             const plan::Words<T>& words) {
    const auto value = plan::value_of(words, word);
    if (!word.empty() && !value) {
        throw Error(ErrorCode::bad_input, option + ": '" + cap(escape_for_terminal(word), 64) +
                                              "' is not allowed (" + plan::list_of(words) + ")");
    }
    return value;
}

void read_params(const std::vector<std::string>& texts, plan::Check& check) {
    for (const auto& text : texts) {
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
}

} // namespace

void add_benchmark_options(CLI::App& verb, BenchmarkOptions& options) {
    verb.add_option("--bench", options.benchmark, "Benchmark that measures")
        ->option_text("SUITE/NAME");
    verb.add_option("--param", options.params, "A parameter of it; may be repeated")
        ->option_text("NAME=VALUE")
        ->expected(1)
        ->take_all();
    verb.add_option("--clock", options.clock, "What its guest's clock counts")
        ->option_text("wall|instructions");
    verb.add_option("--quiet-host", options.quiet,
                    "What other instances do meanwhile: go on, stand still, or keep off its CPUs")
        ->option_text("none|pause|pin");
}

plan::Check check_of(const Session& session, const BenchmarkOptions& options) {
    const auto& benchmark = options.benchmark;
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
    plan::Check check{benchmark, options.metric, command};
    check.clock = word_option("--clock", options.clock, plan::clock_words());
    check.quiet = word_option("--quiet-host", options.quiet, plan::quiet_words());
    read_params(options.params, check);
    if (benchmark.empty() && check.tunes_benchmark()) {
        throw Error(ErrorCode::bad_input,
                    "check: --metric, --param, --clock and --quiet-host go with --bench only");
    }
    return check;
}

std::pair<std::string, std::string> parse_range(const std::string& text) {
    const auto dots = text.find("..");
    const bool three = dots != std::string::npos && text.compare(dots, 3, "...") == 0;
    if (dots == std::string::npos || three || dots == 0 || dots + 2 == text.size() ||
        text.find("..", dots + 2) != std::string::npos) {
        throw Error(
            ErrorCode::bad_input, text + ": not a range (allowed: <good>..<bad>)",
            "name both ends, for example: lab bisect v1.0..main -- ./test.sh; where no good "
            "one is known, try older and older releases: git tag --sort=-creatordate");
    }
    return {text.substr(0, dots), text.substr(dots + 2)};
}

} // namespace lab::cli
