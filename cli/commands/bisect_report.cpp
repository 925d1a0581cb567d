// SPDX-License-Identifier: Apache-2.0
// `lab bisect report`: a bisection for somebody who was not there.
#include "base/files.h"
#include "base/text.h"
#include "cli/commands/bisect_options.h"
#include "cli/commands/commands.h"
#include "cli/output/results.h"
#include "report/gather.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>

namespace lab::cli {
namespace {

struct ReportOptions {
    std::string job;
    std::string form; ///< empty: the one chosen for all verbs
    std::string file; ///< empty: standard output
};

/// What the report is made of, as labd and the repository on this host tell it.
report::ReportSources sources_of(Session& session, const api::JobDetail& detail) {
    return report::gather(detail,
                          {[&](std::uint64_t offset, std::size_t most) {
                               return session.jobs().log(detail.job.id, offset, most);
                           },
                           [&] { return session.lab().doctor(); }, session.config_or_nothing(),
                           session.repositories(), session.changes()});
}

/// The table, and below it what to do next.
std::string text_report(const api::JobDetail& detail, const report::Report& report) {
    auto document = bisect_report(detail);
    if (!report.effect.empty()) {
        document.after += "\nEffect: " + report.effect;
    }
    for (const auto& command : report.commands) {
        document.after += "\n" + command.purpose + ":\n  " + command.text;
    }
    return render(document, Format::table, Sink::other);
}

std::string form_of(const Session& session, const ReportOptions& options) {
    if (!options.form.empty()) {
        return options.form;
    }
    static const std::set<std::string> files{".html", ".md", ".txt", ".json", ".yaml", ".csv"};
    const auto suffix = std::filesystem::path(options.file).extension().string();
    if (files.contains(suffix)) {
        return suffix.substr(1);
    }
    static const std::map<Format, std::string> forms{{Format::table, "table"},
                                                     {Format::json, "json"},
                                                     {Format::yaml, "yaml"},
                                                     {Format::csv, "csv"},
                                                     {Format::id, "id"}};
    return forms.at(session.globals().format);
}

std::string rendered(Session& session, const api::JobDetail& detail, const std::string& form) {
    static const std::map<std::string, Format> tables{
        {"table", Format::table}, {"csv", Format::csv}, {"id", Format::id}};
    if (const auto format = tables.find(form); format != tables.end()) {
        return render(bisect_report(detail), format->second, Sink::terminal);
    }
    const auto made = report::make_report(detail, sources_of(session, detail));
    if (form == "html") {
        return report::html_report(made);
    }
    if (form == "md") {
        return report::markdown_report(made);
    }
    if (form == "txt") {
        return text_report(detail, made);
    }
    const Document document{report::report_json(detail, made), {}, {}};
    return render(document, form == "yaml" ? Format::yaml : Format::json, Sink::terminal);
}

int show_report(Session& session, const ReportOptions& options) {
    const auto detail = session.jobs().job(newest_bisection(session, options.job));
    if (detail.job.kind != "bisect") {
        throw Error(ErrorCode::bad_input,
                    detail.job.id + ": is no bisection, but a job that does: " + detail.job.kind,
                    "see it with: lab job show " + detail.job.id);
    }
    const auto text = rendered(session, detail, form_of(session, options));
    if (options.file.empty()) {
        session.out().print_text(text);
        return 0;
    }
    const auto file = std::filesystem::absolute(options.file).lexically_normal();
    if (session.only_says("write " + file.string())) {
        return 0;
    }
    write_file(file, text);
    session.out().print_text(escape_for_terminal(file.string()) + "\n");
    return 0;
}

} // namespace

void add_bisect_report(CLI::App& bisect, Command& command) {
    auto* part = bisect.add_subcommand("report", "Show what every probe taught, or write it down");
    auto options = std::make_shared<ReportOptions>();
    part->add_option("job", options->job, "Job (default: the newest bisection)")
        ->option_text("JOB");
    part->add_option("-o", options->form, "Form of the report (default: the table)")
        ->option_text("html|md|txt|json|yaml|csv|id")
        ->check(
            CLI::IsMember({"table", "html", "md", "txt", "json", "yaml", "csv", "id"}).name(""));
    part->add_option("--output", options->file,
                     "Write it to this file, in the form of its suffix; its path is printed")
        ->option_text("FILE");
    part->footer("html is one file that opens offline; md is for a mail or an issue.");
    part->callback([&command, options] {
        command.takes_words = TakesWords::no;
        command.action = [options](Session& session) {
            return show_report(session, *options);
        };
    });
}

} // namespace lab::cli
