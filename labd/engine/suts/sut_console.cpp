// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/sut_console.h"

#include "base/error.h"
#include "base/log.h"
#include "base/process.h"

namespace lab::engine {
namespace {

constexpr Duration longest = std::chrono::hours(24 * 7);

const std::vector<std::string>& crash_patterns() {
    static const std::vector<std::string> patterns{
        "Kernel panic - not syncing: .*",
        "Oops: .*",
        "BUG: .*",
        "general protection fault.*",
        "^panic: .*", // FreeBSD
    };
    return patterns;
}

} // namespace

SutConsole::SutConsole(JobLog& log, const std::string& name, std::vector<std::string> argv)
    : watch_(value_or_throw(core::ConsoleWatch::create("", crash_patterns()))),
      log_(log, "console of " + name) {
    if (!argv.empty()) {
        thread_ = std::jthread(
            [this, argv = std::move(argv)](const std::stop_token& stop) { follow(argv, stop); });
    }
}

std::optional<core::Crash> SutConsole::crash() const {
    const std::lock_guard lock(mutex_);
    return watch_.crash();
}

void SutConsole::follow(const std::vector<std::string>& argv, const std::stop_token& stop) {
    ProcessSpec process;
    process.argv = argv;
    process.timeout = longest;
    process.output_limit = Bytes{0};
    process.on_output = [this](std::string_view bytes) {
        const std::lock_guard lock(mutex_);
        watch_.feed(bytes);
        log_.write(bytes);
    };
    try {
        static_cast<void>(run_process(process, stop));
    } catch (const Cancelled&) {
    } catch (...) {
        logger("engine")->warn("console is not read cause={}", current_error().what());
    }
}

} // namespace lab::engine
