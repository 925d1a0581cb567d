// SPDX-License-Identifier: Apache-2.0
// `lab notify`: runs any command and tells how it ended, without the daemon.
#include "base/text.h"
#include "cli/command_message.h"
#include "cli/commands/commands.h"
#include "cli/output/lists.h"
#include "cli/send_messages.h"
#include "plan/load.h"
#include "plan/suggestion.h"

#include <algorithm>

namespace lab::cli {
namespace {

constexpr Duration sending_time = std::chrono::seconds(30);

struct NotifyOptions {
    std::vector<std::string> to;
    std::string title;
    std::string min;
};

plan::Notifications notifications(Session& session) {
    const auto config = session.config();
    return value_or_throw(plan::parse_config(config.text, config.path)).notifications;
}

/// Without a lab.yaml there is nobody to tell.
plan::Notifications notifications_or_none(Session& session) {
    const auto config = session.config_or_nothing();
    return config.path.empty()
               ? plan::Notifications()
               : value_or_throw(plan::parse_config(config.text, config.path)).notifications;
}

plan::Channel channel(const plan::Notifications& all, const std::string& name) {
    const auto found = all.channels.find(name);
    if (found != all.channels.end()) {
        return found->second;
    }
    const auto known = plan::names_of_channels(all);
    const auto near = plan::nearest_word(name, known);
    throw Error(
        ErrorCode::not_found,
        "channel '" + cap(escape_for_terminal(name), 80) +
            "': is not in lab.yaml (known: " + (known.empty() ? "none" : join(known, ", ")) + ")",
        near.empty() ? "docs/formats.md shows how to add one" : "did you mean '" + near + "'?");
}

std::vector<plan::Channel> channels(const plan::Notifications& all,
                                    const std::vector<std::string>& names) {
    std::vector<plan::Channel> chosen;
    std::transform(names.begin(), names.end(), std::back_inserter(chosen),
                   [&](const std::string& name) { return channel(all, name); });
    return chosen;
}

void require_channels(const plan::Notifications& all) {
    if (all.channels.empty()) {
        throw Error(ErrorCode::not_found, "notify: lab.yaml names no channel",
                    "docs/formats.md shows how to add one, for example of ntfy");
    }
}

int preview(Session& session, const std::vector<plan::Channel>& channels,
            const notify::Message& message) {
    auto data = nlohmann::json::array();
    std::string text;
    std::vector<std::string> ids;
    for (const auto& each : channels) {
        const auto request = session.notifier().preview(each, message);
        data.push_back({{"channel", each.name}, {"request", to_valid_utf8(request)}});
        text += "would send by " + each.name + ":\n" + request + "\n";
        ids.push_back(each.name);
    }
    session.out().print({data, {}, ids, text});
    return 0;
}

Duration shortest(const NotifyOptions& options) {
    const auto min = options.min.empty() ? Duration::zero() : parse_duration(options.min);
    if (!min) {
        throw Error(ErrorCode::bad_input,
                    "--min: '" + cap(escape_for_terminal(options.min), 40) +
                        "' is not a time (a whole number and ms, s, m, h or d)");
    }
    return *min;
}

std::vector<std::string> names_for(const plan::Notifications& all, const NotifyOptions& options,
                                   const CommandEnd& end) {
    if (!options.to.empty()) {
        return options.to;
    }
    if (all.rules.empty()) {
        return plan::names_of_channels(all);
    }
    const auto event = end.succeeded() ? plan::NotifyEvent::finished : plan::NotifyEvent::failed;
    return plan::channels_for(all, {{event}, plan::NotifyKind::command, end.duration});
}

/// The command's exit code counts, whatever becomes of the message.
int wrap(Session& session, const NotifyOptions& options) {
    const auto& words = session.words();
    if (!words || words->empty()) {
        throw Error(ErrorCode::bad_input, "notify: no command (it stands behind \"--\")",
                    "for example: lab notify -- make check");
    }
    const auto min = shortest(options);
    const auto all = notifications_or_none(session);
    static_cast<void>(channels(all, options.to));
    if (session.globals().dry_run) {
        require_channels(all);
        const CommandEnd end;
        return preview(session, channels(all, names_for(all, options, end)),
                       command_message(*words, end, options.title, ""));
    }
    if (all.channels.empty()) {
        // The command is what was asked for; its result must not wait for a file to be written.
        session.out().print_hint("lab: nobody will be told, for lab.yaml names no channel "
                                 "(docs/formats.md shows how to add one)");
    }
    const OutputTail tail;
    const auto end = run_command(*words);
    if (!end.failure.empty()) {
        const auto code = end.exit_code == 127 ? ErrorCode::not_found : ErrorCode::infra;
        session.out().print_error(to_string(code), end.failure, "");
        return end.exit_code;
    }
    if (end.duration < min) {
        return end.exit_code;
    }
    const auto chosen = channels(all, names_for(all, options, end));
    const auto message = command_message(*words, end, options.title, tail.read());
    for (const auto& sent : send_to_all(session.notifier(), chosen, message, sending_time)) {
        if (sent.fate != notify::Fate::delivered) {
            session.out().print_hint("lab: not told by " + sent.channel + ": " + sent.reason);
        }
    }
    return end.exit_code;
}

int test(Session& session, const std::string& name) {
    const auto all = notifications(session);
    require_channels(all);
    const auto chosen =
        channels(all, name.empty() ? plan::names_of_channels(all) : std::vector{name});
    if (session.globals().dry_run) {
        return preview(session, chosen, test_message());
    }
    const auto sent = send_to_all(session.notifier(), chosen, test_message(), sending_time);
    session.out().print(sent_document(sent));
    const bool fine = std::all_of(sent.begin(), sent.end(), [](const Sent& each) {
        return each.fate == notify::Fate::delivered;
    });
    return fine ? 0 : exit_code(ErrorCode::infra);
}

int list_channels(Session& session) {
    session.out().print(channels_document(notifications(session)));
    return 0;
}

void add_parts(CLI::App& notify, Command& command) {
    auto* test_verb = notify.add_subcommand("test", "Send a test message");
    auto name = std::make_shared<std::string>();
    test_verb->add_option("channel", *name, "Only this one (default: all)")->option_text("CHANNEL");
    test_verb->callback([&command, name] {
        command.takes_words = TakesWords::no;
        command.action = [name](Session& session) {
            return test(session, *name);
        };
    });
    notify.add_subcommand("list", "List the channels of lab.yaml")->callback([&command] {
        command.takes_words = TakesWords::no;
        command.action = list_channels;
    });
    add_notify_outbox(notify, command);
}

} // namespace

void add_notify(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("notify", "Run any command and tell how it ended");
    verb->require_subcommand(0, 1);
    auto options = std::make_shared<NotifyOptions>();
    verb->add_option("--to", options->to, "Channel of lab.yaml (default: by its rules)")
        ->option_text("CHANNEL")
        ->expected(1)
        ->take_all();
    verb->add_option("--title", options->title, "Title of the message")->option_text("TEXT");
    verb->add_option("--min", options->min, "Do not tell what took less")->option_text("TIME");
    verb->footer("lab notify -- COMMAND ... passes everything through: the terminal, the standard\n"
                 "streams, signals and the exit code (128+n when signal n ended it).");
    add_parts(*verb, command);
    // Before the parts, whose callbacks run later and replace it.
    verb->preparse_callback([&command, options](std::size_t) {
        command.takes_words = TakesWords::yes;
        command.action = [options](Session& session) {
            return wrap(session, *options);
        };
    });
}

} // namespace lab::cli
