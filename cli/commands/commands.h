// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/session.h"

#include <CLI/CLI.hpp>
#include <functional>

namespace lab::cli {

/// Whether a verb takes a command behind "--".
enum class TakesWords { no, yes };

/// What the command line asks for; filled while it is parsed, done afterwards.
struct Command {
    std::function<int(Session&)> action;
    TakesWords takes_words = TakesWords::no;
};

/// All verbs of `lab`. `command` must outlive the parsing.
void add_commands(CLI::App& app, Command& command);

// One file per verb.
void add_build(CLI::App& app, Command& command);
void add_install(CLI::App& app, Command& command);
void add_test(CLI::App& app, Command& command);
void add_bisect(CLI::App& app, Command& command);
void add_bisect_next(CLI::App& bisect, Command& command);
void add_bisect_replay(CLI::App& bisect, Command& command);
void add_bisect_report(CLI::App& bisect, Command& command);
void add_vm(CLI::App& app, Command& command);
void add_sut(CLI::App& app, Command& command);
void add_template(CLI::App& app, Command& command);
void add_image(CLI::App& app, Command& command);
void add_job(CLI::App& app, Command& command);
void add_plan(CLI::App& app, Command& command);
void add_result(CLI::App& app, Command& command);
void add_notify(CLI::App& app, Command& command);
void add_notify_outbox(CLI::App& notify, Command& command);
void add_init(CLI::App& app, Command& command);
void add_daemon(CLI::App& app, Command& command);
void add_doctor(CLI::App& app, Command& command);
void add_config(CLI::App& app, Command& command);
void add_version(CLI::App& app, Command& command);
void add_completion(CLI::App& app, Command& command);

} // namespace lab::cli
