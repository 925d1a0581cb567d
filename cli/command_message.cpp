// SPDX-License-Identifier: Apache-2.0
#include "cli/command_message.h"

#include "base/host.h"
#include "base/ids.h"
#include "base/text.h"
#include "base/units.h"

#include <cstring>

namespace lab::cli {
namespace {

notify::Message new_message() {
    notify::Message message;
    message.id = new_ulid();
    message.host = host_name();
    message.time = std::chrono::system_clock::now();
    return message;
}

std::string ending(const CommandEnd& end) {
    if (!end.signal) {
        return "exit code " + std::to_string(end.exit_code);
    }
    const char* name = ::sigabbrev_np(*end.signal);
    return "killed by " +
           (name == nullptr ? "signal " + std::to_string(*end.signal) : std::string("SIG") + name);
}

} // namespace

notify::Message command_message(const std::vector<std::string>& argv, const CommandEnd& end,
                                const std::string& title, const std::string& tail) {
    auto message = new_message();
    const auto command = to_valid_utf8(shell_join(argv));
    const auto how = ending(end);
    message.title = !title.empty()    ? title
                    : end.succeeded() ? "done: " + cap(command, 80)
                                      : "failed (" + how + "): " + cap(command, 80);
    message.text =
        command + "\n" + how + " after " + format_duration(end.duration) + " on " + message.host;
    if (!end.succeeded() && !tail.empty()) {
        message.text += "\n\n" + tail;
    }
    message.urgency = end.succeeded() ? notify::Urgency::normal : notify::Urgency::high;
    message.facts = {{"event", end.succeeded() ? "finished" : "failed"},
                     {"kind", "command"},
                     {"command", nlohmann::json::array()},
                     {"exit_code", end.exit_code},
                     {"signal", end.signal ? nlohmann::json(*end.signal) : nlohmann::json()},
                     {"duration_ms", end.duration.count()}};
    for (const auto& word : argv) {
        message.facts["command"].push_back(to_valid_utf8(word));
    }
    return message;
}

notify::Message test_message() {
    auto message = new_message();
    message.title = "lab: a test";
    message.text = "This channel works, from " + message.host + ".";
    message.facts = {{"event", "test"}};
    return message;
}

} // namespace lab::cli
