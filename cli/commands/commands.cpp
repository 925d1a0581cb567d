// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

namespace lab::cli {

void add_commands(CLI::App& app, Command& command) {
    app.require_subcommand(1);
    app.fallthrough();
    add_build(app, command);
    add_install(app, command);
    add_test(app, command);
    add_bisect(app, command);
    add_vm(app, command);
    add_sut(app, command);
    add_template(app, command);
    add_image(app, command);
    add_job(app, command);
    add_plan(app, command);
    add_result(app, command);
    add_notify(app, command);
    add_init(app, command);
    add_daemon(app, command);
    add_doctor(app, command);
    add_config(app, command);
    add_version(app, command);
    add_completion(app, command);
    app.footer("Everything behind \"--\" is a command: for the machine under test, or for notify.\n"
               "Exit codes: 0 done, 1 the work failed, 2 bad input, 3 not found, 4 conflict,\n"
               "5 infrastructure, 6 timeout, 7 inconclusive, 130 interrupted.");
}

} // namespace lab::cli
