// SPDX-License-Identifier: Apache-2.0
#include "cli/output/lists.h"

#include "api/codec.h"
#include "base/text.h"
#include "base/units.h"

#include <cmath>

namespace lab::cli {
namespace {

/// "2025-03-01T10:00:00.123Z" as "2025-03-01 10:00:00" (UTC).
std::string time_text(const std::string& rfc3339) {
    auto text = rfc3339.substr(0, 19);
    if (text.size() > 10) {
        text[10] = ' ';
    }
    return text;
}

std::string seconds_text(double seconds) {
    return format_duration(Duration(std::llround(seconds * 1000)));
}

std::string image_name(const api::Image& image) {
    const auto label = [&](const char* name) {
        const auto found = image.labels.find(name);
        return found == image.labels.end() ? std::string() : found->second;
    };
    std::string name = label("vm");
    if (const auto commit = label("commit"); !commit.empty()) {
        name += "/" + commit.substr(0, 12);
    }
    if (const auto test_vm = label("test_vm"); !test_vm.empty()) {
        name += "/" + test_vm;
    }
    return name.empty() ? label("machine") : name;
}

std::vector<std::string> image_row(const api::Image& image) {
    return {image.kind,
            image.key.substr(0, 12),
            image_name(image),
            format_bytes({image.size}),
            std::to_string(image.depth),
            time_text(image.created)};
}

/// What is not given is detected: null.
nlohmann::json budget_json(const plan::Budget& budget) {
    nlohmann::json json{{"cpus", nullptr}, {"memory", nullptr}};
    if (budget.cpus) {
        json["cpus"] = *budget.cpus;
    }
    if (budget.memory) {
        json["memory"] = budget.memory->count;
    }
    return json;
}

std::string steps_text(const api::JobDetail& detail) {
    Table table{{"STEP", "STATE", "TRIES", "TIME", "SUMMARY"}, {}};
    for (const auto& step : detail.steps) {
        table.rows.push_back({step.key, step.state, std::to_string(step.attempts),
                              seconds_text(step.seconds), step.summary});
    }
    return table.rows.empty() ? std::string() : render_table(table);
}

} // namespace

Document line_document(const std::string& text, nlohmann::json data, const std::string& id) {
    Document document{std::move(data), {}, {}, text, {}};
    if (!id.empty()) {
        document.ids.push_back(id);
    }
    return document;
}

Document jobs_document(const std::vector<api::Job>& jobs) {
    Document document{
        jobs, {{"JOB", "KIND", "STATE", "EXIT", "CREATED (UTC)", "TIME", "TITLE"}, {}}, {}};
    for (const auto& job : jobs) {
        document.ids.push_back(job.id);
        document.table.rows.push_back(
            {job.id, job.kind, job.state, job.exit_code ? std::to_string(*job.exit_code) : "",
             time_text(job.created), seconds_text(job.seconds), cap(job.title, 100)});
    }
    return document;
}

Document job_document(const api::JobDetail& detail) {
    const auto& job = detail.job;
    Document document{detail, {{"FIELD", "VALUE"}, {}}, {job.id}};
    auto& rows = document.table.rows;
    rows = {{"job", job.id},
            {"kind", job.kind},
            {"title", job.title},
            {"state", job.state},
            {"created", job.created},
            {"started", job.started.value_or("")},
            {"ended", job.ended.value_or("")},
            {"time", seconds_text(job.seconds)}};
    if (job.exit_code) {
        rows.push_back({"exit code", std::to_string(*job.exit_code)});
    }
    if (!job.error.empty()) {
        rows.push_back({"error", job.error});
        rows.push_back({"hint", job.hint});
    }
    document.after = steps_text(detail);
    return document;
}

Document vms_document(const std::vector<api::Vm>& vms) {
    Document document{
        vms, {{"VM", "KIND", "MACHINE", "ROOT", "RUNNING", "CPUS", "MEMORY"}, {}}, {}};
    for (const auto& vm : vms) {
        document.ids.push_back(vm.name);
        document.table.rows.push_back({vm.name, vm.kind, vm.machine, vm.root,
                                       vm.instance.empty() ? "no" : "yes", std::to_string(vm.cpus),
                                       format_bytes({vm.memory})});
    }
    return document;
}

Document templates_document(const std::vector<api::TemplateInfo>& templates) {
    Document document{templates, {{"TEMPLATE", "USE", "DESCRIPTION"}, {}}, {}};
    for (auto& info : document.data) {
        info.erase("text");
    }
    for (const auto& info : templates) {
        const char* use = info.builds && info.machine_builds ? "build machine, recipes"
                          : info.machine_builds              ? "build machine"
                          : info.builds                      ? "recipes, test machine"
                                                             : "test machine";
        document.ids.push_back(info.name);
        document.table.rows.push_back({info.name, use, info.description});
    }
    return document;
}

Document template_document(const api::TemplateInfo& info) {
    Document document{info, {{"FIELD", "VALUE"}, {}}, {info.name}};
    document.table.rows = {
        {"template", info.name}, {"description", info.description}, {"directory", info.directory}};
    document.after = info.text;
    return document;
}

Document images_document(const std::vector<api::Image>& images) {
    Document document{images, {{"KIND", "KEY", "OF", "SIZE", "DEPTH", "CREATED (UTC)"}, {}}, {}};
    for (const auto& image : images) {
        document.ids.push_back(image.key);
        document.table.rows.push_back(image_row(image));
    }
    return document;
}

std::string images_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " image" : " images");
}

Document garbage_document(const api::GarbageReport& report, Removal removal) {
    Document document{report, {{"IMAGE", "KIND", "OF", "SIZE"}, {}}, {}};
    const auto add = [&](const api::Image& image) {
        document.table.rows.push_back(
            {image.key.substr(0, 12), image.kind, image_name(image), format_bytes({image.size})});
    };
    for (const auto& image : report.removed) {
        document.ids.push_back(image.key);
        add(image);
    }
    const bool done = removal == Removal::done;
    document.after = (done ? "removed " : "would remove ") + images_text(report.removed.size()) +
                     ", " + format_bytes({report.freed}) + "; " +
                     std::to_string(report.kept_in_use.size()) + " in use" +
                     (report.kept.empty() ? ""
                                          : ", " + std::to_string(report.kept.size()) +
                                                " kept (--all: roots, and what recent bisections "
                                                "are about)");
    if (document.table.rows.empty()) {
        document.before = document.after;
        document.after.clear();
        document.table.headers.clear();
    }
    return document;
}

Document verify_document(const std::vector<api::VerifyResult>& results) {
    Document document{results, {{"KEY", "KIND", "OF", "RESULT"}, {}}, {}};
    for (const auto& result : results) {
        document.table.rows.push_back({result.image.key.substr(0, 12), result.image.kind,
                                       image_name(result.image),
                                       result.problem.empty() ? "ok" : result.problem});
        if (!result.problem.empty()) {
            document.ids.push_back(result.image.key);
        }
    }
    return document;
}

Document doctor_document(const std::vector<api::DoctorCheck>& checks) {
    Document document{checks, {{"CHECK", "RESULT", "FOUND"}, {}}, {}};
    for (const auto& check : checks) {
        document.ids.push_back(check.id);
        document.table.rows.push_back({check.id, check.result, check.text});
        if (!check.fix.empty()) {
            document.after += check.id + ": " + check.fix + "\n";
        }
    }
    return document;
}

Document status_document(const api::Status& status) {
    Document document{status, {{"FIELD", "VALUE"}, {}}, {std::to_string(status.pid)}};
    document.table.rows = {{"labd", status.version},
                           {"api", std::to_string(status.api)},
                           {"pid", std::to_string(status.pid)},
                           {"state", status.state_dir},
                           {"socket", status.socket},
                           {"running jobs", std::to_string(status.running_jobs)}};
    return document;
}

Document config_document(const plan::Config& config) {
    Document document{nlohmann::json::object(),
                      {{"KIND", "NAME", "MACHINE", "CPUS", "MEMORY", "DETAILS"}, {}},
                      {}};
    auto& data = document.data;
    data = {{"file", config.file.string()},          {"hypervisor", config.hypervisor},
            {"budget", budget_json(config.budget)},  {"sources", nlohmann::json::object()},
            {"build_vms", nlohmann::json::object()}, {"test_vms", nlohmann::json::object()}};
    auto& rows = document.table.rows;
    for (const auto& [name, source] : config.sources) {
        data["sources"][name] = {{"path", source.path.string()}};
        rows.push_back({"source", name, "", "", "", source.path.string()});
    }
    for (const auto& [name, vm] : config.build_vms) {
        data["build_vms"][name] = {
            {"machine", vm.machine}, {"source", vm.source},
            {"recipe", vm.recipe},   {"runs_in", plan::word_of(plan::runs_in_words(), vm.runs_in)},
            {"cpus", vm.cpus},       {"memory", vm.memory.count}};
        rows.push_back({"build VM", name, vm.machine, std::to_string(vm.cpus),
                        format_bytes(vm.memory), vm.source + " by " + vm.recipe});
    }
    for (const auto& [name, vm] : config.test_vms) {
        data["test_vms"][name] = {{"machine", vm.machine},
                                  {"cpus", vm.cpus},
                                  {"memory", vm.memory.count},
                                  {"cmdline", vm.cmdline}};
        rows.push_back({"test VM", name, vm.machine, std::to_string(vm.cpus),
                        format_bytes(vm.memory), vm.cmdline});
    }
    if (!config.notifications.channels.empty()) {
        data["notify"] = notifications_json(config.notifications);
    }
    for (const auto& row : channels_document(config.notifications).table.rows) {
        rows.push_back({"channel", row[0], row[1], "", "", row[2]});
    }
    for (const auto& row : rows) {
        document.ids.push_back(row[1]);
    }
    const auto& budget = config.budget;
    rows.push_back({"budget", "", "", budget.cpus ? std::to_string(*budget.cpus) : "detected",
                    budget.memory ? format_bytes(*budget.memory) : "detected",
                    "for all instances together"});
    return document;
}

} // namespace lab::cli
