// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/profile_settings.h"

#include "base/text.h"

#include <algorithm>

namespace lab::engine {
namespace {

std::string ended(const ports::CommandResult& result) {
    return result.end == ports::CommandEnd::exited
               ? "exit code " + std::to_string(result.exit_code) + " " +
                     quote_foreign(trim(result.output), 200)
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
                return "cmdline: the kernel was not given " + quote_foreign(trim(word), 200);
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
        return "sysctl " + name + ": was set to " + quote_foreign(trim(value), 200) + " and is " +
               quote_foreign(trim(read.output), 200);
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
            return "bootscript " + quote_foreign(trim(command), 200) + ": " + ended(result);
        }
    }
    return std::nullopt;
}

} // namespace lab::engine
