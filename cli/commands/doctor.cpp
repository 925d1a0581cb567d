// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "cli/output/lists.h"

#include <algorithm>

namespace lab::cli {
namespace {

int examine(Session& session) {
    const auto checks = session.lab().doctor();
    session.out().print(doctor_document(checks));
    const bool fine = std::none_of(checks.begin(), checks.end(),
                                   [](const auto& check) { return check.result == "fail"; });
    return fine ? 0 : 1;
}

} // namespace

void add_doctor(CLI::App& app, Command& command) {
    app.add_subcommand("doctor", "Say what this host can do and what to mend")
        ->callback([&command] { command.action = examine; });
}

} // namespace lab::cli
