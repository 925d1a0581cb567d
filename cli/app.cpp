// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/commands/bisect_stored.h"
#include "cli/run_command.h"
#include "cli/session.h"
#include "plan/suggestion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <map>

namespace lab::cli {
namespace {

const std::map<std::string, Format> formats{{"table", Format::table},
                                            {"json", Format::json},
                                            {"yaml", Format::yaml},
                                            {"csv", Format::csv},
                                            {"id", Format::id}};

/// The program's words: those of CLI11, and those behind the first "--", which no verb parses.
struct Words {
    std::vector<std::string> options;
    std::optional<std::vector<std::string>> command;
};

Words divide(const std::vector<std::string>& words) {
    const auto mark = std::find(words.begin(), words.end(), "--");
    Words out{{words.begin(), mark}, std::nullopt};
    if (mark != words.end()) {
        out.command.emplace(mark + 1, words.end());
    }
    return out;
}

void add_globals(CLI::App& app, Globals& globals, std::string& format) {
    app.set_version_flag("--version", std::string("lab ") + api::program_version(),
                         "Print the version and exit");
    app.add_option("-o,--output", format, "Form of the result")
        ->option_text("table|json|yaml|csv|id")
        ->check(CLI::IsMember(formats).name(""))
        ->default_str("table");
    app.add_option("--config", globals.config, "Use this lab.yaml")->option_text("FILE");
    app.add_flag("-q,--quiet", globals.quiet, "No progress on standard error");
    app.add_flag("-y,--yes", globals.yes, "Answer yes to questions");
    app.add_flag("--dry-run", globals.dry_run, "Say what would be done, do nothing");
}

/// The verbs that may stand where parsing ended.
std::vector<std::string> verbs_at(const CLI::App& app) {
    const auto* place = &app;
    for (auto parsed = place->get_subcommands(); !parsed.empty();
         parsed = place->get_subcommands()) {
        place = parsed.front();
    }
    std::vector<std::string> names;
    for (const auto* verb : place->get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(verb->get_name());
    }
    return names;
}

/// One line of what CLI11 says, without its own advice. A word it did not understand comes first:
/// that something else is missing is then only a consequence.
Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
    const std::string hint = "see: lab --help, lab <verb> --help";
    const auto unknown = app.remaining(true);
    if (unknown.empty()) {
        const std::string text = error.what();
        return Error(ErrorCode::bad_input, text.substr(0, text.find('\n')), hint);
    }
    const auto& word = unknown.front();
    const bool option = word.rfind("-", 0) == 0;
    const auto verbs = verbs_at(app);
    const auto near = option ? std::string() : plan::nearest_word(word, verbs);
    return Error(ErrorCode::bad_input,
                 "'" + cap(word, 100) + "': " +
                     (option          ? "no such option"
                      : verbs.empty() ? "not expected"
                                      : "no such verb"),
                 near.empty() ? hint : "did you mean '" + near + "'? " + hint);
}

/// The format as far as it is known when the command line could not be parsed.
Format format_of(const std::string& word) {
    const auto found = formats.find(word);
    return found == formats.end() ? Format::table : found->second;
}

int act(const Command& command, Session& session) {
    if (session.words() && command.takes_words == TakesWords::no) {
        throw Error(ErrorCode::bad_input, "--: this verb takes no command",
                    "see: lab <verb> --help");
    }
    return command.action(session);
}

int code_for_git(const CLI::App& app, ErrorCode code) {
    constexpr int ends_git_bisect = 128;
    return answers_git_bisect(app) ? ends_git_bisect : exit_code(code);
}

int parse_and_act(const std::vector<std::string>& words, const Outside& outside) {
    auto [options, command_words] = divide(words);
    Globals globals;
    std::string format = "table";
    Command command;
    CLI::App app("lab: builds, installs, tests and bisects operating systems in virtual machines",
                 "lab");
    try {
        add_commands(app, command);
        add_globals(app, globals, format);
        std::reverse(options.begin(), options.end()); // CLI11 takes them from the back
        app.parse(options);
        globals.format = format_of(format);
        Session session(globals, command_words, outside);
        return act(command, session);
    } catch (const CLI::CallForHelp&) {
        Printer(Format::table).print_text(app.help());
        return 0;
    } catch (const CLI::CallForVersion& version) {
        Printer(Format::table).print_text(std::string(version.what()) + "\n");
        return 0;
    } catch (const CLI::ParseError& error) {
        const auto usage = usage_error(app, error);
        Printer(format_of(format)).print_error(usage);
        return code_for_git(app, usage.code());
    } catch (const Error& error) {
        Printer(format_of(format)).print_error(error);
        return code_for_git(app, error.code());
    } catch (const std::exception& error) {
        Printer(format_of(format)).print_error("infra", std::string("lab: ") + error.what(), "");
        return code_for_git(app, ErrorCode::infra);
    }
}

} // namespace

int run(const std::vector<std::string>& words, const Outside& outside) {
    ignore_broken_pipes();
    try {
        return parse_and_act(words, outside);
    } catch (const ReaderLeft&) {
        return 128 + SIGPIPE; // as if the signal had not been ignored
    }
}

} // namespace lab::cli
