// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/profile_settings.h"

#include "base/text.h"

#include <algorithm>

namespace lab::engine {
namespace {

/// The words of a text, whatever space is between them: the kernel prints tabs where one wrote
/// spaces.
std::vector<std::string> words_of(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
    auto words = split(text, ' ');
    std::erase(words, "");
    return words;
}

std::string shown(const std::string& text) {
    return "'" + cap(escape_for_terminal(std::string(trim(text))), 200) + "'";
}

std::string ended(const ports::CommandResult& result) {
    return result.end == ports::CommandEnd::exited
               ? "exit code " + std::to_string(result.exit_code) + " " + shown(result.output)
               : "the machine gave no answer";
}

bool is_fine(const ports::CommandResult& result) {
    return result.end == ports::CommandEnd::exited && result.exit_code == 0;
}

std::optional<std::string> check_cmdline(const std::vector<std::string>& wanted,
                                         const RunOnMachine& run) {
    if (wanted.empty()) {
        return std::nullopt;
    }
    const auto answer = run("cat /proc/cmdline");
    if (!is_fine(answer)) {
        return "cmdline: cannot be read: " + ended(answer);
    }
    const auto there = words_of(answer.output);
    for (const auto& setting : wanted) {
        for (const auto& word : words_of(setting)) {
            if (std::find(there.begin(), there.end(), word) == there.end()) {
                return "cmdline: the kernel was not given " + shown(word);
            }
        }
    }
    return std::nullopt;
}

std::optional<std::string> apply_sysctl(const std::string& setting, const RunOnMachine& run) {
    const auto equals = setting.find('=');
    const std::string name(trim(setting.substr(0, equals)));
    const std::string value(trim(setting.substr(equals + 1)));
    auto path = "/proc/sys/" + name;
    if (name.find('/') == std::string::npos) {
        std::replace(path.begin(), path.end(), '.', '/');
    }
    const auto quoted = shell_quote(path);
    const auto written = run("echo " + shell_quote(value) + " > " + quoted);
    if (!is_fine(written)) {
        return "sysctl " + name + ": cannot be set: " + ended(written);
    }
    const auto read = run("cat " + quoted);
    if (!is_fine(read) || words_of(read.output) != words_of(value)) {
        return "sysctl " + name + ": was set to " + shown(value) + " and is " + shown(read.output);
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> apply_settings(const ProfileSettings& settings,
                                          const RunOnMachine& run) {
    if (auto problem = check_cmdline(settings.cmdline, run)) {
        return problem;
    }
    for (const auto& setting : settings.sysctl) {
        if (auto problem = apply_sysctl(setting, run)) {
            return problem;
        }
    }
    for (const auto& command : settings.bootscript) {
        const auto result = run(command);
        if (!is_fine(result)) {
            return "bootscript " + shown(command) + ": " + ended(result);
        }
    }
    return std::nullopt;
}

} // namespace lab::engine
