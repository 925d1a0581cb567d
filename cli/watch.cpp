// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.h"

#include "cli/follow.h"
#include "cli/output/progress.h"

#include <iostream>
#include <thread>

namespace lab::cli {
namespace {

constexpr Duration watch_poll = std::chrono::milliseconds(500); // also how late Ctrl-C is seen

} // namespace

std::optional<api::JobDetail> watch(Session& session, const std::string& id,
                                    std::optional<Duration> limit) {
    catch_signals();
    const auto start = std::chrono::steady_clock::now();
    const auto style = session.globals().quiet ? ProgressStyle::silent : progress_style();
    Progress progress(std::cerr, style, start, terminal_columns());
    const auto jobs = session.jobs();
    std::uint64_t seen = 0;
    for (;;) {
        const auto asked = std::chrono::steady_clock::now();
        const auto page = jobs.events(id, seen, watch_poll);
        const auto now = std::chrono::steady_clock::now();
        for (const auto& event : page.events) {
            progress.show(event, now);
            seen = event.sequence;
        }
        progress.tick(now);
        if (page.events.empty() && api::is_final(page.state)) {
            progress.clear();
            return jobs.job(id);
        }
        if (interrupted()) {
            progress.clear();
            return std::nullopt;
        }
        if (limit && now - start > *limit) {
            progress.clear();
            throw Error(ErrorCode::timed_out, "job " + id + ": still " + page.state,
                        "follow it with: lab job wait " + id);
        }
        if (page.events.empty() && now - asked < watch_poll / 2) {
            std::this_thread::sleep_for(watch_poll); // labd had no room for one more long poll
        }
    }
}

} // namespace lab::cli
