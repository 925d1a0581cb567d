// SPDX-License-Identifier: Apache-2.0
#include "report/make_report.h"

#include "api/codec.h"
#include "base/clock.h"
#include "base/json_members.h"
#include "base/text.h"
#include "base/units.h"
#include "base/values.h"
#include "notify/job_message.h"
#include "ports/result_store.h"

#include <algorithm>
#include <cmath>

namespace lab::report {
namespace {

using nlohmann::json;

/// Seconds since the epoch of a time as labd writes it; nothing for another text.
std::optional<double> seconds_of(const std::string& time) {
    const auto parsed = ports::time_from(time);
    return parsed ? std::optional(to_epoch_seconds(*parsed)) : std::nullopt;
}

std::string purpose_of(const std::string& kind, const Report& report) {
    if (kind == "end_good" || kind == "end_bad") {
        return (kind == "end_good" ? report.term_good : report.term_bad) + " end";
    }
    static const std::map<std::string, std::string> words{{"confirm_bad", "clean build"},
                                                          {"confirm_parent", "clean build, parent"},
                                                          {"lookahead", "built ahead"}};
    const auto found = words.find(kind);
    return found == words.end() ? "probe" : found->second;
}

/// Numbers of commits in the range, counted from the good end.
class Places {
public:
    explicit Places(const ReportSources& sources) : range_(sources.range) {}

    [[nodiscard]] std::optional<std::size_t> of(const std::string& hex,
                                                const std::string& good) const {
        if (!range_ || hex.size() != 40) {
            return std::nullopt;
        }
        if (hex == good) {
            return 0;
        }
        const core::CommitId commit(hex);
        return range_->contains(commit) ? std::optional(range_->size() - range_->index_of(commit))
                                        : std::nullopt;
    }

private:
    const std::optional<core::CommitGraph>& range_;
};

ReportProbe probe_of(const json& row, const ReportSources& sources, const Report& report) {
    ReportProbe probe;
    const auto kind = text_at(row, "kind");
    probe.commit = text_at(row, "commit");
    probe.subject = text_at(row, "subject");
    probe.purpose = purpose_of(kind, report);
    probe.verdict = core::verdict_from(text_at(row, "verdict"));
    for (const auto& value : list_at(row, "values")) {
        if (value.is_number()) {
            probe.values.push_back(value.get<double>());
        }
    }
    const auto count = [&](const char* name) {
        return static_cast<unsigned>(std::clamp(number_at(row, name), 0.0, 1e9));
    };
    probe.runs = count("runs");
    probe.failures = std::min(count("failures"), probe.runs);
    probe.build_seconds = number_at(row, "build_seconds");
    probe.test_seconds = number_at(row, "test_seconds");
    probe.note = text_at(row, "note");
    probe.log = sources.log.of(probe.commit.substr(0, 12), kind.starts_with("confirm")
                                                               ? LogExcerpts::Stage::clean
                                                               : LogExcerpts::Stage::search);
    return probe;
}

void add_probes(Report& report, const json& result, const ReportSources& sources) {
    const Places places(sources);
    for (const auto& row : list_at(result, "rows")) {
        auto probe = probe_of(row, sources, report);
        probe.place = places.of(probe.commit, report.good);
        report.unit = report.unit.empty() ? text_at(row, "unit") : report.unit;
        report.probes.push_back(std::move(probe));
    }
}

/// What labd says of every commit; of a job that did not keep it, what its conclusion says.
void add_suspects(Report& report, const json& result, const ReportSources& sources) {
    const Places places(sources);
    std::map<std::string, std::string> subjects{{report.commit, report.subject}};
    for (const auto& probe : report.probes) {
        subjects.emplace(probe.commit, probe.subject);
    }
    auto list = list_at(result, "suspects");
    for (const auto& suspect : list) {
        subjects[text_at(suspect, "commit")] = text_at(suspect, "subject");
    }
    if (const auto posterior = list_at(result, "posterior"); !posterior.empty()) {
        list = posterior;
    } else if (list.empty() && report.probability > 0 && !report.commit.empty()) {
        list.push_back({{"commit", report.commit}, {"probability", report.probability}});
    }
    for (const auto& suspect : list) {
        const auto commit = text_at(suspect, "commit");
        const auto subject = subjects.find(commit);
        report.suspects.push_back({commit, subject == subjects.end() ? "" : subject->second,
                                   number_at(suspect, "probability"),
                                   places.of(commit, report.good)});
    }
}

/// "build/vm/0123456789ab/full" and "session/probe/0123456789ab/full/1" have it as a part.
std::string commit_of(const api::Step& step) {
    const auto parts = split(step.key, '/');
    const auto found = std::find_if(parts.begin() + 1, parts.end(), [](const auto& part) {
        return part.size() == 12 && part.find_first_not_of("0123456789abcdef") == std::string::npos;
    });
    return found == parts.end() ? std::string() : *found;
}

std::optional<Activity> activity_of(const std::string& key) {
    const auto kind = key.substr(0, key.find('/'));
    return kind == "root"                       ? std::optional(Activity::root)
           : kind == "build"                    ? std::optional(Activity::build)
           : kind == "install"                  ? std::optional(Activity::install)
           : kind == "session" || kind == "run" ? std::optional(Activity::test)
                                                : std::nullopt;
}

void add_spans(Report& report, const api::JobDetail& detail) {
    const auto first = seconds_of(detail.job.started.value_or(detail.job.created));
    if (!first) {
        return;
    }
    double last = detail.job.seconds;
    if (detail.job.ended) {
        last = std::max(last, seconds_of(*detail.job.ended).value_or(*first) - *first);
    }
    for (const auto& step : detail.steps) {
        const auto activity = activity_of(step.key);
        const auto begin = seconds_of(step.started);
        if (!activity || !begin) {
            continue;
        }
        const auto end = step.ended ? seconds_of(*step.ended) : std::nullopt;
        ReportSpan span{
            *activity,      commit_of(step), step.key, *begin - *first, end ? *end - *first : last,
            end.has_value()};
        span.begin = std::max(span.begin, 0.0);
        span.end = std::max(span.end, span.begin);
        report.spans.push_back(std::move(span));
    }
    std::stable_sort(report.spans.begin(), report.spans.end(),
                     [](const auto& a, const auto& b) { return a.begin < b.begin; });
}

void add_blockers(Report& report, const json& result) {
    for (const auto& blocker : list_at(result, "blockers")) {
        report.blockers.push_back({text_at(blocker, "text"), text_at(blocker, "begins")});
    }
}

void add_left_out(Report& report, const json& result, const ReportSources& sources) {
    if (const auto dropped = number_at(result, "dropped"); dropped > 0) {
        report.left_out.push_back(value_text(dropped) +
                                  " commits change only files that the builds of both ends do not "
                                  "read; they were not tried");
    }
    for (const auto& probe : report.probes) {
        if (probe.verdict == core::Verdict::skip && report.blockers.empty()) {
            report.left_out.push_back(probe.commit.substr(0, 12) + " was skipped" +
                                      (probe.note.empty() ? "" : ": " + probe.note));
        }
    }
    for (const auto& note : list_at(result, "notes")) {
        report.left_out.push_back(note.is_string() ? note.get<std::string>() : json_text(note));
    }
    report.left_out.insert(report.left_out.end(), sources.missing.begin(), sources.missing.end());
}

void add_fact(Report& report, const char* name, const std::string& value) {
    if (!value.empty()) {
        report.machine.push_back({name, value});
    }
}

std::string size_text(unsigned cpus, Bytes memory) {
    return std::to_string(cpus) + (cpus == 1 ? " CPU, " : " CPUs, ") + format_bytes(memory);
}

void add_vms(Report& report, const json& spec, const plan::Config& config) {
    const auto build = config.build_vms.find(text_at(spec, "vm"));
    if (build != config.build_vms.end()) {
        const auto& vm = build->second;
        add_fact(report, "Build VM",
                 vm.name + ": machine " + vm.machine + ", recipe " + vm.recipe + ", " +
                     size_text(vm.cpus, vm.memory));
    }
    const auto test = config.test_vms.find(text_at(spec, "on"));
    if (test != config.test_vms.end()) {
        const auto& vm = test->second;
        add_fact(report, "Test VM",
                 vm.name + ": machine " + vm.machine + ", " + size_text(vm.cpus, vm.memory) +
                     (vm.cmdline.empty() ? "" : ", kernel command line: " + vm.cmdline));
    }
}

void add_machine(Report& report, const api::JobDetail& detail, const ReportSources& sources) {
    const auto machine = object_at(detail.result, "machine");
    for (const auto& [name, key] : {std::pair{"Host", "host"},
                                    {"System", "system"},
                                    {"Processor", "processor"},
                                    {"Budget for machines", "budget"},
                                    {"Hypervisor", "hypervisor"},
                                    {"Accelerator", "accelerator"},
                                    {"Because", "accelerator_reason"}}) {
        add_fact(report, name, text_at(machine, key));
    }
    if (machine.empty()) {
        for (const auto& check : sources.host_now) {
            if (check.id == "kvm" || check.id == "hypervisor" || check.id == "budget") {
                add_fact(report, "", check.id + " (as it is now): " + check.text);
            }
        }
    }
    if (sources.config) {
        add_vms(report, detail.spec, *sources.config);
    }
}

} // namespace

Report make_report(const api::JobDetail& detail, const ReportSources& sources) {
    const auto& result = detail.result;
    const auto info = object_at(result, "info");
    Report report;
    report.job = detail.job.id;
    report.title = detail.job.title;
    report.state = detail.job.state;
    report.error = detail.job.error;
    report.seconds = detail.job.seconds;
    report.conclusion = text_at(result, "conclusion");
    report.sentence = text_at(result, "text");
    const auto good_term = text_at(result, "term_good");
    report.term_good = good_term.empty() ? report.term_good : good_term;
    const auto bad_term = text_at(result, "term_bad");
    report.term_bad = bad_term.empty() ? report.term_bad : bad_term;
    report.commit = text_at(result, "commit");
    report.subject = text_at(info, "subject");
    report.author = text_at(info, "author");
    report.date = text_at(info, "date");
    report.message = text_at(info, "message");
    report.probability = number_at(result, "probability");
    report.effect = result.is_object() ? notify::effect_of(result) : "";
    report.changes = sources.changes;
    report.good = text_at(detail.spec, "good");
    report.bad = text_at(detail.spec, "bad");
    report.range_size = sources.range
                            ? sources.range->size()
                            : static_cast<std::size_t>(std::max(0.0, number_at(result, "range")));
    add_probes(report, result, sources);
    add_suspects(report, result, sources);
    for (const auto& lesson : list_at(result, "lessons")) {
        report.commits_left.push_back(std::exp2(std::min(number_at(lesson, "bits_after"), 60.0)));
    }
    add_spans(report, detail);
    report.commands = commands_of(detail);
    add_blockers(report, result);
    add_left_out(report, result, sources);
    add_machine(report, detail, sources);
    return report;
}

json report_json(const api::JobDetail& detail, const Report& report) {
    auto data = detail.result.is_object() ? detail.result : json::object();
    data["job"] = detail.job.id;
    data["state"] = detail.job.state;
    data["spec"] = detail.spec;
    data["effect"] = report.effect;
    data["steps"] = json::array();
    for (const auto& step : detail.steps) {
        data["steps"].push_back(json(step));
    }
    data["commands"] = json::array();
    for (const auto& command : report.commands) {
        data["commands"].push_back({{"purpose", command.purpose}, {"text", command.text}});
    }
    if (report.changes) {
        data["changes"] = {{"files_changed", report.changes->files_changed},
                           {"added", report.changes->added},
                           {"deleted", report.changes->deleted},
                           {"files", json::array()}};
        for (const auto& file : report.changes->files) {
            data["changes"]["files"].push_back({{"path", file.path},
                                                {"added", file.added},
                                                {"deleted", file.deleted},
                                                {"binary", file.binary}});
        }
    }
    return data;
}

} // namespace lab::report
