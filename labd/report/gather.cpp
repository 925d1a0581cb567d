// SPDX-License-Identifier: Apache-2.0
#include "report/gather.h"

#include "base/error.h"
#include "base/json_members.h"
#include "plan/load.h"

#include <filesystem>

namespace lab::report {
namespace {

constexpr std::size_t log_chunk = std::size_t{1} << 20U;

/// As much of a log as is read for its excerpts; the log of a job that is larger is cut.
constexpr std::uint64_t most_of_a_log = std::uint64_t{256} << 20U;

/// Runs what reads something that a report can do without; says what is missing when it fails.
void try_to(ReportSources& sources, const char* what, const std::function<void()>& read) {
    try {
        read();
    } catch (const Error& error) {
        sources.missing.push_back(std::string(what) + " cannot be shown: " + error.what());
    }
}

void read_log(const Origins& origins, LogExcerpts& excerpts) {
    for (std::uint64_t offset = 0; offset < most_of_a_log;) {
        const auto chunk = origins.log(offset, log_chunk);
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

void read_repository(const Origins& origins, const api::JobDetail& detail, ReportSources& sources) {
    const auto& spec = detail.spec;
    std::filesystem::path path;
    try_to(sources, "the repository", [&] { path = repository_of(detail, sources); });
    if (path.empty()) {
        return;
    }
    if (const auto commit = text_at(detail.result, "commit"); !commit.empty()) {
        try_to(sources, "what the commit changes",
               [&] { sources.changes = origins.changes.changes(path, core::CommitId(commit)); });
    }
    try_to(sources, "the order of the commits", [&] {
        ports::RangeOptions options;
        options.first_parent =
            spec.contains("first_parent") && spec["first_parent"] == nlohmann::json(true);
        for (const auto& one : list_at(spec, "paths")) {
            options.paths.push_back(one.is_string() ? one.get<std::string>() : "");
        }
        sources.range = origins.repositories.open(path)
                            ->range({core::CommitId(text_at(spec, "good"))},
                                    core::CommitId(text_at(spec, "bad")), options)
                            .graph;
    });
}

} // namespace

ReportSources gather(const api::JobDetail& detail, const Origins& origins) {
    ReportSources sources;
    if (!origins.config.text.empty()) {
        try_to(sources, "lab.yaml", [&] {
            sources.config =
                value_or_throw(plan::parse_config(origins.config.text, origins.config.path));
        });
    }
    try_to(sources, "the log", [&] { read_log(origins, sources.log); });
    read_repository(origins, detail, sources);
    const bool on_machines = !text_at(detail.spec, "vm").empty();
    if (on_machines && object_at(detail.result, "machine").empty()) {
        try_to(sources, "this host", [&] { sources.host_now = origins.host(); });
    }
    return sources;
}

} // namespace lab::report
