// SPDX-License-Identifier: Apache-2.0
// `lab bisect report`: a bisection for somebody who was not there.
#include "base/files.h"
#include "base/text.h"
#include "cli/commands/bisect_options.h"
#include "cli/commands/commands.h"
#include "cli/output/results.h"
#include "cli/report/make_report.h"
#include "plan/load.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>

namespace lab::cli {
namespace {

constexpr std::size_t log_chunk = std::size_t{1} << 20U;

/// As much of a log as is read for its excerpts; the log of a job that is larger is cut.
constexpr std::uint64_t most_of_a_log = std::uint64_t{256} << 20U;

struct ReportOptions {
    std::string job;
    std::string form; ///< empty: the one chosen for all verbs
    std::string file; ///< empty: standard output
};

/// Runs what reads something that a report can do without; says what is missing when it fails.
void try_to(ReportSources& sources, const char* what, const std::function<void()>& read) {
    try {
        read();
    } catch (const Error& error) {
        sources.missing.push_back(std::string(what) + " cannot be shown: " + error.what());
    }
}

void read_log(Session& session, const std::string& job, LogExcerpts& excerpts) {
    for (std::uint64_t offset = 0; offset < most_of_a_log;) {
        const auto chunk = session.jobs().log(job, offset, log_chunk);
        excerpts.feed(chunk.bytes);
        if (chunk.final || chunk.next_offset <= offset) {
            return;
        }
        offset = chunk.next_offset;
    }
}

/// Where the bisected repository is.
/// @throws Error not_found  when lab.yaml does not say it any more.
std::filesystem::path repository_of(const api::JobDetail& detail, const ReportSources& sources) {
    const auto local = text_at(object_at(detail.spec, "local"), "repository");
    if (!local.empty()) {
        return local;
    }
    const auto name = text_at(detail.spec, "vm");
    if (!sources.config || !sources.config->build_vms.contains(name)) {
        throw Error(ErrorCode::not_found, "build VM '" + name + "': is not in lab.yaml");
    }
    return sources.config->sources.at(sources.config->build_vms.at(name).source).path;
}

void read_repository(Session& session, const api::JobDetail& detail, ReportSources& sources) {
    const auto& spec = detail.spec;
    std::filesystem::path path;
    try_to(sources, "the repository", [&] { path = repository_of(detail, sources); });
    if (path.empty()) {
        return;
    }
    if (const auto commit = text_at(detail.result, "commit"); !commit.empty()) {
        try_to(sources, "what the commit changes",
               [&] { sources.changes = session.changes().changes(path, core::CommitId(commit)); });
    }
    try_to(sources, "the order of the commits", [&] {
        ports::RangeOptions options;
        options.first_parent =
            spec.contains("first_parent") && spec["first_parent"] == nlohmann::json(true);
        for (const auto& one : list_at(spec, "paths")) {
            options.paths.push_back(one.is_string() ? one.get<std::string>() : "");
        }
        sources.range = session.repositories()
                            .open(path)
                            ->range({core::CommitId(text_at(spec, "good"))},
                                    core::CommitId(text_at(spec, "bad")), options)
                            .graph;
    });
}

ReportSources sources_of(Session& session, const api::JobDetail& detail) {
    ReportSources sources;
    sources.log = LogExcerpts(clean_builds_of(detail.steps));
    const auto config = session.config_or_nothing();
    if (!config.text.empty()) {
        try_to(sources, "lab.yaml", [&] {
            sources.config = value_or_throw(plan::parse_config(config.text, config.path));
        });
    }
    try_to(sources, "the log", [&] { read_log(session, detail.job.id, sources.log); });
    read_repository(session, detail, sources);
    const bool on_machines = !text_at(detail.spec, "vm").empty();
    if (on_machines && object_at(detail.result, "machine").empty()) {
        try_to(sources, "this host", [&] { sources.host_now = session.lab().doctor(); });
    }
    return sources;
}

/// The table, and below it what to do next.
std::string text_report(const api::JobDetail& detail, const Report& report) {
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
        return render(bisect_report(detail), format->second, Sink::other);
    }
    const auto report = make_report(detail, sources_of(session, detail));
    if (form == "html") {
        return html_report(report);
    }
    if (form == "md") {
        return markdown_report(report);
    }
    if (form == "txt") {
        return text_report(detail, report);
    }
    const Document document{report_json(detail, report), {}, {}};
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
    part->add_option("--output", options->file, "Write it to this file; its path is printed")
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
