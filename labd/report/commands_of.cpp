// SPDX-License-Identifier: Apache-2.0
#include "base/json_members.h"
#include "base/text.h"
#include "base/values.h"
#include "report/make_report.h"

namespace lab::report {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

void add_option(Words& words, const char* option, const std::string& value) {
    if (!value.empty()) {
        words.insert(words.end(), {option, value});
    }
}

void add_flag(Words& words, const json& object, const std::pair<const char*, const char*>& flag) {
    if (object.contains(flag.first) && object[flag.first] == json(true)) {
        words.emplace_back(flag.second);
    }
}

Words list_of_texts(const json& object, const char* name) {
    Words words;
    for (const auto& word : list_at(object, name)) {
        words.push_back(word.is_string() ? word.get<std::string>() : "");
    }
    return words;
}

/// What measures or judges on a machine: options, or the command behind "--".
void add_check(Words& words, const json& check) {
    add_option(words, "--bench", text_at(check, "benchmark"));
    const auto params = object_at(check, "params");
    for (const auto& [name, value] : params.items()) {
        add_option(words, "--param",
                   name + "=" + (value.is_string() ? value.get<std::string>() : json_text(value)));
    }
    add_option(words, "--clock", text_at(check, "clock"));
    add_option(words, "--quiet-host", text_at(check, "quiet"));
}

void add_command(Words& words, const Words& command) {
    if (!command.empty()) {
        words.emplace_back("--");
        words.insert(words.end(), command.begin(), command.end());
    }
}

void add_local_options(Words& words, const json& local) {
    add_option(words, "--repo", text_at(local, "repository"));
    if (const auto limit = number_at(local, "timeout_seconds"); limit > 0 && limit != 3600) {
        add_option(words, "--timeout", value_text(limit) + "s");
    }
    if (local.contains("timeout_is_bad") && local["timeout_is_bad"] == json(true)) {
        add_option(words, "--timeout-is", "bad");
    }
    add_option(words, "--metric-regex", text_at(local, "metric_regex"));
    const auto direction = text_at(local, "direction");
    if (const auto better = core::direction_from(direction)) {
        words.emplace_back(*better == core::Direction::higher_is_better ? "--higher-is-better"
                                                                        : "--lower-is-better");
    }
}

std::string whole_bisection(const json& spec) {
    Words words{"lab", "bisect", text_at(spec, "good") + ".." + text_at(spec, "bad")};
    const auto check = object_at(spec, "check");
    const auto local = object_at(spec, "local");
    add_option(words, "--vm", text_at(spec, "vm"));
    add_option(words, "--on", text_at(spec, "on"));
    add_check(words, check);
    add_option(words, "--metric", text_at(check, "metric"));
    if (spec.contains("panic_is_bad") && spec["panic_is_bad"] == json(true)) {
        add_option(words, "--panic-is", "bad");
    }
    if (!local.empty()) {
        add_local_options(words, local);
    }
    if (const auto asked = number_at(spec, "confidence"); asked > 0 && asked != 0.99) {
        add_option(words, "--confidence", value_text(asked));
    }
    const auto strategy = text_at(spec, "strategy");
    add_option(words, "--strategy", strategy == "bayes" ? "" : strategy);
    const auto good = text_at(spec, "term_good");
    const auto bad = text_at(spec, "term_bad");
    add_option(words, "--term-old", good == "good" ? "" : good);
    add_option(words, "--term-new", bad == "bad" ? "" : bad);
    for (const auto& said : list_at(spec, "said")) {
        add_option(words, "--good",
                   text_at(said, "verdict") == "good" ? text_at(said, "commit") : "");
    }
    const auto wanted = text_at(spec, "wanted");
    add_option(words, "--want", wanted == "first" ? "" : wanted);
    for (const auto& path : list_of_texts(spec, "paths")) {
        add_option(words, "--path", path);
    }
    add_flag(words, spec, {"first_parent", "--first-parent"});
    add_flag(words, spec, {"kernel_only", "--kernel-only"});
    if (spec.contains("prune") && spec["prune"] == json(false)) {
        words.emplace_back("--no-prune");
    }
    const auto command = text_at(check, "command");
    add_command(words, local.empty() ? (command.empty() ? Words() : Words{command})
                                     : list_of_texts(local, "argv"));
    return shell_join(words);
}

/// One commit alone.
std::string one_commit(const json& spec, const std::string& commit) {
    const auto local = object_at(spec, "local");
    if (!local.empty()) {
        return "cd " + shell_join({text_at(local, "repository")}) + " && git checkout " + commit +
               " && " + shell_join(list_of_texts(local, "argv"));
    }
    Words words{"lab", "test", text_at(spec, "vm") + "/" + commit + "/" + text_at(spec, "on")};
    const auto check = object_at(spec, "check");
    add_check(words, check);
    const auto command = text_at(check, "command");
    add_command(words, command.empty() ? Words() : Words{command});
    return shell_join(words);
}

} // namespace

std::vector<ReportCommand> commands_of(const api::JobDetail& detail) {
    const auto& spec = detail.spec;
    std::vector<ReportCommand> commands;
    if (!spec.is_object() || text_at(spec, "good").empty()) {
        return commands;
    }
    const auto commit = text_at(detail.result, "commit");
    if (!commit.empty()) {
        auto parent = commit + "~1";
        for (const auto& row : list_at(detail.result, "rows")) {
            parent = text_at(row, "kind") == "confirm_parent" ? text_at(row, "commit") : parent;
        }
        const auto term = text_at(spec, "term_bad");
        commands.push_back(
            {"the first " + (term.empty() ? "bad" : term) + " commit", one_commit(spec, commit)});
        commands.push_back({"its parent", one_commit(spec, parent)});
    }
    commands.push_back({"the whole bisection", whole_bisection(spec)});
    commands.push_back(
        {"its verdicts in a checkout of your own", "lab bisect log " + detail.job.id +
                                                       " > bisect.log && git bisect replay "
                                                       "bisect.log"});
    return commands;
}

} // namespace lab::report
