// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <cstdio>
#include <fcntl.h>
#include <mutex>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>

namespace lab {
namespace {

struct Registry {
    std::mutex mutex;
    spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::null_sink_mt>();
};

Registry& registry() {
    static Registry instance;
    return instance;
}

} // namespace

void open_log(const std::filesystem::path& file) {
    spdlog::file_event_handlers events;
    events.after_open = [](const auto&, std::FILE* stream) {
        ::fcntl(::fileno(stream), F_SETFD, FD_CLOEXEC); // spdlog does not open it so
    };
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), 4 << 20, 5,
                                                                       false, events);
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %l %n: %v", spdlog::pattern_time_type::utc));
    auto& own = registry();
    const std::lock_guard lock(own.mutex);
    own.sink = std::move(sink);
}

std::shared_ptr<spdlog::logger> logger(const std::string& library) {
    auto& own = registry();
    const std::lock_guard lock(own.mutex);
    auto found = spdlog::get(library);
    if (!found) {
        found = std::make_shared<spdlog::logger>(library, own.sink);
        found->flush_on(spdlog::level::info);
        spdlog::register_logger(found);
    }
    return found;
}

} // namespace lab
