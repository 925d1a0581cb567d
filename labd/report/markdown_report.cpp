// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/values.h"
#include "report/describe.h"
#include "report/markup.h"
#include "report/plots.h"

#include <algorithm>

namespace lab::report {
namespace {

/// "- **Name:** value", nothing for an empty value.
std::string item(const char* name, const std::string& markdown) {
    return markdown.empty() ? "" : std::string("- **") + name + ":** " + markdown + "\n";
}

std::string row(const std::vector<std::string>& cells) {
    return "| " + join(cells, " | ") + " |\n";
}

std::string markdown_head(const Report& report) {
    std::string text = "# " + markdown_text(headline(report)) + "\n\n";
    if (report.commit.empty()) {
        text += report.sentence.empty() ? "" : markdown_block(report.sentence) + "\n";
        text += report.error.empty() ? "" : markdown_block(report.error) + "\n";
    }
    text += item("Commit", markdown_code(report.commit)) +
            item("Subject", markdown_code(report.subject)) +
            item("Author", markdown_code(report.author)) + item("Date", markdown_code(report.date));
    text += item("Probability", certainty(report)) + item("Effect", markdown_code(report.effect));
    text += item("Tried", effort(report));
    return text +
           item("Range", report.good.empty()
                             ? ""
                             : markdown_code(report.good) + " (" + markdown_text(report.term_good) +
                                   ") to " + markdown_code(report.bad) + " (" +
                                   markdown_text(report.term_bad) + ")");
}

std::string markdown_changes(const Report& report) {
    if (!report.changes) {
        return {};
    }
    std::string list;
    for (const auto& file : report.changes->files) {
        list +=
            " " + file.path + " | " +
            (file.binary ? "binary"
                         : "+" + std::to_string(file.added) + " -" + std::to_string(file.deleted)) +
            "\n";
    }
    return "\n## What it changes\n\n" +
           markdown_block(list + " " + change_totals(*report.changes) + "\n");
}

std::string markdown_commands(const Report& report) {
    std::string list;
    for (const auto& command : report.commands) {
        list += "# " + command.purpose + "\n" + command.text + "\n";
    }
    return list.empty() ? "" : "\n## How to see it again\n\n" + markdown_block(list);
}

std::string markdown_suspects(const Report& report) {
    if (!report.commit.empty() || report.suspects.empty()) {
        return {};
    }
    std::string text = "\n## What it could be\n\n" + row({"Commit", "Probability", "Subject"}) +
                       row({"---", "---:", "---"});
    for (const auto& suspect : shown_suspects(report)) {
        text +=
            row({markdown_code_cell(suspect.commit.substr(0, 12)), chance_text(suspect.probability),
                 markdown_code_cell(cap(suspect.subject, 100))});
    }
    return text;
}

std::string tried(const Report& report) {
    if (report.probes.empty()) {
        return {};
    }
    std::string text = "\n## What was tried\n\n" +
                       row({"Commit", "For", "Verdict", "Samples", "Build", "Test", "Note"}) +
                       row({"---", "---", "---", "---", "---:", "---:", "---"});
    for (const auto& probe : report.probes) {
        text += row({markdown_code_cell(probe.commit.substr(0, 12)), markdown_text(probe.purpose),
                     markdown_text(verdict_word(report, probe.verdict)),
                     markdown_code_cell(samples_said(report, probe)),
                     time_or_nothing(probe.build_seconds), time_or_nothing(probe.test_seconds),
                     markdown_code_cell(cap(probe.note, 200))});
    }
    std::vector<std::string> levels;
    for (const auto verdict : {core::Verdict::good, core::Verdict::bad}) {
        if (const auto level = level_of(report, verdict)) {
            levels.push_back(verdict_word(report, verdict) + " " + value_text(*level));
        }
    }
    return levels.empty() ? text : text + "\nLevels: " + join(levels, ", ") + "\n";
}

std::string markdown_blockers(const Report& report) {
    std::string text;
    for (const auto& blocker : report.blockers) {
        text += "- " + markdown_code(blocker.text) + "\n";
    }
    return text.empty() ? "" : "\n## What could not be tested\n\n" + text;
}

/// Whether the probe's log says why it could not be tested, and no other one does.
bool shows_blocker(const Report& report, const ReportProbe& probe) {
    return probe.verdict == core::Verdict::skip &&
           (report.blockers.empty() ||
            std::any_of(report.blockers.begin(), report.blockers.end(),
                        [&](const auto& blocker) { return blocker.begins == probe.commit; }));
}

/// The logs of what showed it: long ones would hide the rest of a mail.
std::string logs(const Report& report) {
    std::string text;
    for (const auto& probe : report.probes) {
        const bool telling = probe.commit == report.commit || shows_blocker(report, probe);
        if (telling && !probe.log.empty()) {
            text += "\n" + markdown_code(probe.commit.substr(0, 12)) + ", " + probe.purpose +
                    ":\n\n" + markdown_block(probe.log);
        }
    }
    return text.empty() ? "" : "\n## Logs\n" + text;
}

std::string circumstances(const Report& report) {
    std::string text;
    for (const auto& fact : report.machine) {
        text += fact.name.empty() ? "- " + markdown_code(fact.value) + "\n"
                                  : item(fact.name.c_str(), markdown_code(fact.value));
    }
    text = text.empty() ? "" : "\n## What it ran on\n\n" + text;
    for (const auto& one : report.left_out) {
        text += (&one == &report.left_out.front() ? "\n## What was left out\n\n- " : "- ") +
                markdown_code(one) + "\n";
    }
    return text;
}

} // namespace

std::string markdown_report(const Report& report) {
    return markdown_head(report) + markdown_changes(report) + markdown_commands(report) +
           markdown_suspects(report) + tried(report) + markdown_blockers(report) + logs(report) +
           circumstances(report) + "\nJob " + markdown_code(report.job) + ": " +
           markdown_code(report.title) + ".\n";
}

} // namespace lab::report
