// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/values.h"
#include "report/describe.h"
#include "report/markup.h"
#include "report/plots.h"
#include "report/style_sheet.h"

#include <algorithm>

namespace lab::report {
namespace {

std::string code(const std::string& text) {
    return "<code>" + html_text(text) + "</code>";
}

std::string paragraph(const char* style, const std::string& html) {
    return html.empty() ? "" : std::string("<p class=\"") + style + "\">" + html + "</p>\n";
}

std::string pre(const std::string& text) {
    return text.empty() ? "" : "<pre>" + html_text(text) + "</pre>\n";
}

std::string section(const char* title, const std::string& html) {
    return html.empty() ? "" : std::string("<h2>") + title + "</h2>\n" + html;
}

/// The same picture for wide and narrow screens; the page shows one of them.
std::string figure(std::string (*plot)(const Report&, PlotWidth), const Report& report,
                   const std::string& caption) {
    const auto wide = plot(report, PlotWidth::wide);
    return wide.empty()
               ? ""
               : "<figure>\n<div class=\"wide\">" + wide + "</div>\n<div class=\"narrow\">" +
                     plot(report, PlotWidth::narrow) + "</div>\n<figcaption>" + html_text(caption) +
                     "</figcaption>\n</figure>\n";
}

std::string fact(const char* name, const std::string& value) {
    return value.empty() ? ""
                         : "<div><b>" + html_text(value) + "</b><span class=\"dim\">" + name +
                               "</span></div>\n";
}

std::string html_head(const Report& report) {
    const auto title = html_text(headline(report));
    return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
           "style-src 'unsafe-inline'\">\n<title>" +
           title + "</title>\n<style>" + report_style + "</style>\n</head>\n<body>\n<h1>" + title +
           "</h1>\n";
}

std::string conclusion(const Report& report) {
    std::string html;
    if (report.commit.empty()) {
        html += pre(report.sentence) + pre(report.error);
    } else {
        html += "<div class=\"cards\">\n<p><b>" + html_text(report.subject) + "</b></p>\n" +
                paragraph("dim", code(report.commit)) +
                paragraph("dim", html_text(report.author) + "<br>" + html_text(report.date)) +
                "</div>\n";
    }
    return html + "<div class=\"facts\">\n" + fact("sure of that", certainty(report)) +
           fact("effect", report.effect) + "</div>\n" +
           paragraph("dim", html_text(effort(report)) + ".");
}

std::string html_changes(const Report& report) {
    if (!report.changes) {
        return {};
    }
    std::string html = "<table>\n";
    for (const auto& file : report.changes->files) {
        html += "<tr><td class=\"free\">" + code(file.path) + "</td><td class=\"number\">";
        html += file.binary ? "binary"
                            : "<span class=\"plus\">+" + std::to_string(file.added) +
                                  "</span> <span class=\"minus\">−" + std::to_string(file.deleted) +
                                  "</span>";
        html += "</td></tr>\n";
    }
    const auto hidden = report.changes->files_changed - report.changes->files.size();
    return html + "</table>\n" +
           paragraph("dim", html_text(change_totals(*report.changes)) +
                                (hidden > 0 ? "; " + std::to_string(hidden) + " not shown" : ""));
}

std::string html_commands(const Report& report) {
    std::string html;
    for (const auto& command : report.commands) {
        html += paragraph("dim", html_text(command.purpose)) + pre(command.text);
    }
    return html;
}

std::string html_suspects(const Report& report) {
    if (report.suspects.empty()) {
        return {};
    }
    std::string html = "<table>\n<tr><th>Commit</th><th class=\"number\">Chance</th>"
                       "<th>Subject</th></tr>\n";
    for (const auto& suspect : shown_suspects(report)) {
        html += "<tr><td>" + code(suspect.commit.substr(0, 12)) + "</td><td class=\"number\">" +
                chance_text(suspect.probability) + "</td><td class=\"free\">" +
                html_text(suspect.subject) + "</td></tr>\n";
    }
    return html + "</table>\n";
}

std::string times(const ReportProbe& probe) {
    const auto build = time_or_nothing(probe.build_seconds);
    const auto test = time_or_nothing(probe.test_seconds);
    return (build.empty() ? "" : "built in " + build) +
           (build.empty() || test.empty() ? "" : ", ") + (test.empty() ? "" : "tested in " + test);
}

std::string probe_details(const Report& report, const ReportProbe& probe) {
    const std::string style = style_of(probe.verdict);
    const bool open = probe.verdict == core::Verdict::skip;
    auto text = html_text(samples_said(report, probe));
    for (const auto& more : {probe.note, times(probe)}) {
        text += text.empty() || more.empty() ? html_text(more) : "<br>" + html_text(more);
    }
    return std::string("<details") + (open ? " open" : "") + "><summary><span class=\"chip " +
           style + "\">" +
           (style == "open" ? "–" : html_text(verdict_word(report, probe.verdict))) + "</span>" +
           code(probe.commit.substr(0, 12)) + " " + html_text(probe.subject) +
           " <span class=\"dim\">(" + html_text(probe.purpose) + ")</span></summary>\n" +
           paragraph("dim", text) + pre(probe.log) + "</details>\n";
}

std::string probes(const Report& report) {
    std::string html;
    for (const auto& probe : report.probes) {
        html += probe_details(report, probe);
    }
    return html;
}

std::string machine(const Report& report) {
    std::string html;
    for (const auto& one : report.machine) {
        html += one.name.empty() ? "<tr><td colspan=\"2\">" + html_text(one.value) + "</td></tr>\n"
                                 : "<tr><th>" + html_text(one.name) + "</th><td>" +
                                       html_text(one.value) + "</td></tr>\n";
    }
    return html.empty() ? "" : "<table>\n" + html + "</table>\n";
}

std::string list(const std::vector<std::string>& texts) {
    std::string html;
    for (const auto& text : texts) {
        html += "<li>" + html_text(text) + "</li>\n";
    }
    return html.empty() ? "" : "<ul>\n" + html + "</ul>\n";
}

std::string blocked(const Report& report) {
    std::vector<std::string> texts;
    for (const auto& blocker : report.blockers) {
        texts.push_back(blocker.text);
    }
    return list(texts);
}

std::string range(const Report& report) {
    return report.good.empty()
               ? ""
               : "From " + code(report.good.substr(0, 12)) + " (" + html_text(report.term_good) +
                     ") to " + code(report.bad.substr(0, 12)) + " (" + html_text(report.term_bad) +
                     ").";
}

} // namespace

std::string html_report(const Report& report) {
    return html_head(report) + conclusion(report) + section("The commit", pre(report.message)) +
           section("What it changes", html_changes(report)) +
           section("How to see it again", html_commands(report)) +
           section("What was measured",
                   figure(samples_plot, report,
                          "Every sample of every commit tried, and 95 % intervals. Dashed: the "
                          "levels of the " +
                              report.term_good + " and of the " + report.term_bad + " commits.")) +
           section(
               "Which commit it is",
               paragraph("dim", range(report)) +
                   figure(chances_plot, report,
                          "The chance of every commit of being the first " + report.term_bad +
                              " one.") +
                   html_suspects(report) +
                   figure(narrowing_plot, report, "Commits that were left after each sample.")) +
           section("When", figure(timeline_plot, report,
                                  "Builds and tests; what stands above each other went on at "
                                  "once. Pale: not needed any more, and stopped.")) +
           section("What was tried", probes(report)) +
           section("What could not be tested", blocked(report)) +
           section("What was left out", list(report.left_out)) +
           section("What it ran on", machine(report)) +
           paragraph("dim", "Job " + code(report.job) + ": " + code(report.title) + ".") +
           "</body>\n</html>\n";
}

} // namespace lab::report
