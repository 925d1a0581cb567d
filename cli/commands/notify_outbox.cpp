// SPDX-License-Identifier: Apache-2.0
// `lab notify outbox`: messages that labd sends and that have not arrived.
#include "cli/commands/commands.h"

#include "base/text.h"
#include "cli/confirm.h"
#include "cli/output/lists.h"

namespace lab::cli {
namespace {

/// What is done with letters.
enum class OutboxAct { retry, drop };

struct Chosen {
    std::vector<std::string> ids;
    bool all = false;
};

int list_outbox(Session& session) {
    session.out().print(letters_document(session.outbox().letters()));
    return 0;
}

int act(Session& session, OutboxAct act, const Chosen& chosen) {
    const std::string word = act == OutboxAct::retry ? "retry" : "drop";
    if (chosen.ids.empty() != chosen.all) {
        throw Error(ErrorCode::bad_input,
                    "notify outbox " + word + ": which messages? (allowed: ids, or --all)",
                    "lab notify outbox list");
    }
    const auto what = chosen.all ? "all messages" : join(chosen.ids, ", ");
    if (session.only_says(word + " " + what)) {
        return 0;
    }
    if (act == OutboxAct::drop && chosen.all) {
        confirm(session, "Drop all messages that have not arrived?");
    }
    const auto outbox = session.outbox();
    const auto count = act == OutboxAct::retry ? outbox.retry(chosen.ids) : outbox.drop(chosen.ids);
    const auto text = std::to_string(count) + (count == 1 ? " message" : " messages") +
                      (act == OutboxAct::retry ? " tried again" : " dropped");
    session.out().print(line_document(text, {{"count", count}}, std::to_string(count)));
    return 0;
}

void add_outbox_act(CLI::App& outbox, Command& command, OutboxAct which) {
    auto* part = outbox.add_subcommand(which == OutboxAct::retry ? "retry" : "drop",
                                       which == OutboxAct::retry
                                           ? "Try messages again at once, and for another day"
                                           : "Forget messages");
    auto chosen = std::make_shared<Chosen>();
    part->add_option("message", chosen->ids, "Messages")->option_text("MESSAGE ...");
    part->add_flag("--all", chosen->all, "All that have not arrived");
    part->callback([&command, chosen, which] {
        command.takes_words = TakesWords::no;
        command.action = [chosen, which](Session& session) {
            return act(session, which, *chosen);
        };
    });
}

} // namespace

void add_notify_outbox(CLI::App& notify, Command& command) {
    auto* outbox =
        notify.add_subcommand("outbox", "Messages of jobs that have not arrived, and what to do");
    outbox->require_subcommand(1);
    outbox->add_subcommand("list", "List what waits and what was given up")->callback([&command] {
        command.takes_words = TakesWords::no;
        command.action = list_outbox;
    });
    add_outbox_act(*outbox, command, OutboxAct::retry);
    add_outbox_act(*outbox, command, OutboxAct::drop);
}

} // namespace lab::cli
