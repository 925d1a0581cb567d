// SPDX-License-Identifier: Apache-2.0
#include "engine/command_end.h"

#include "base/text.h"
#include "core/judge.h"

namespace lab::engine {
namespace {

std::string end_of(const ports::CommandResult& result) {
    switch (result.end) {
    case ports::CommandEnd::timed_out:
        return "timed out";
    case ports::CommandEnd::disconnected:
        return "the connection broke";
    case ports::CommandEnd::exited:
        break;
    }
    return "exit code " + std::to_string(result.exit_code);
}

} // namespace

std::string how_it_ended(const ports::CommandResult& result) {
    const auto line = last_line(result.output);
    return end_of(result) + (line.empty() ? "" : ": " + line);
}

std::string last_line(const std::string& output) {
    const auto text = trim(output);
    const auto at = text.rfind('\n');
    return cap(escape_for_terminal(at == std::string_view::npos ? text : text.substr(at + 1)), 300);
}

std::optional<int> signal_of(const core::Finding& finding) {
    constexpr int first = 129;
    constexpr int last = 128 + 64;
    const auto* exit = std::get_if<core::CommandExit>(&finding);
    return exit != nullptr && exit->exit_code >= first && exit->exit_code <= last
               ? std::optional(exit->exit_code - 128)
               : std::nullopt;
}

bool stops_bisection(const core::Finding& finding) {
    const auto* exit = std::get_if<core::CommandExit>(&finding);
    return exit != nullptr && !core::verdict_of_exit(exit->exit_code);
}

} // namespace lab::engine
