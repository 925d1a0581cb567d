// SPDX-License-Identifier: Apache-2.0
#include "engine/command_end.h"

#include "base/text.h"

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

} // namespace lab::engine
