// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "cli/launch.h"
#include "cli/output/lists.h"

namespace lab::cli {
namespace {

constexpr Duration stop_limit = std::chrono::seconds(60);

int run_daemon(Session& session) {
    if (session.only_says("start the daemon unless it runs")) {
        return 0;
    }
    session.out().print(status_document(api::DaemonClient(session.daemon()).status()));
    return 0;
}

int end_daemon(Session& session) {
    if (session.only_says("stop the daemon")) {
        return 0;
    }
    const auto socket = session.places().socket();
    const bool running = api::daemon_answers(socket);
    if (running) {
        const api::DaemonClient daemon(session.running_daemon());
        const auto pid = daemon.status().pid;
        daemon.shutdown();
        wait_until_gone(pid, stop_limit);
    }
    session.out().print(
        line_document(running ? "stopped" : "no daemon was running", {{"stopped", running}}, ""));
    return 0;
}

int show_daemon(Session& session) {
    session.out().print(status_document(api::DaemonClient(session.running_daemon()).status()));
    return 0;
}

} // namespace

void add_daemon(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("daemon", "The daemon labd, which lab starts by itself");
    verb->require_subcommand(1);
    verb->add_subcommand("start", "Start it unless it runs")->callback([&command] {
        command.action = run_daemon;
    });
    verb->add_subcommand("stop", "Stop it; jobs go on at the next start")->callback([&command] {
        command.action = end_daemon;
    });
    verb->add_subcommand("status", "Show whether it runs")->callback([&command] {
        command.action = show_daemon;
    });
}

} // namespace lab::cli
