// SPDX-License-Identifier: Apache-2.0
#include "report/describe.h"

#include "base/text.h"
#include "base/values.h"
#include "core/policy.h"
#include "core/statistics.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace lab::report {
namespace {

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::size_t count_of(const Report& report, Activity activity) {
    return static_cast<std::size_t>(
        std::count_if(report.spans.begin(), report.spans.end(),
                      [&](const auto& span) { return span.activity == activity; }));
}

std::string words(std::string text) {
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

} // namespace

const char* to_string(Activity activity) noexcept {
    static constexpr std::array<const char*, 4> names{"root", "build", "install", "test"};
    return names.at(static_cast<std::size_t>(activity));
}

std::string headline(const Report& report) {
    if (!report.commit.empty()) {
        return report.commit.substr(0, 12) + " is the first " + report.term_bad + " commit";
    }
    if (report.conclusion.empty()) {
        return "The bisection has no conclusion; it is " + report.state;
    }
    return "No single first " + report.term_bad + " commit: " + words(report.conclusion);
}

std::string verdict_word(const Report& report, const std::optional<core::Verdict>& verdict) {
    return verdict ? core::word_of(*verdict, {report.term_good, report.term_bad}) : "";
}

std::string certainty(const Report& report) {
    return report.probability > 0 ? chance_text(report.probability) : "";
}

std::string samples_said(const Report& report, const ReportProbe& probe) {
    if (probe.runs > 0) {
        return std::to_string(probe.failures) + " of " + std::to_string(probe.runs) +
               (probe.runs == 1 ? " run failed" : " runs failed");
    }
    std::vector<std::string> values;
    for (const double value : probe.values) {
        values.push_back(value_text(value));
    }
    auto text = join(values, " ") + (report.unit.empty() ? "" : " " + report.unit);
    if (probe.values.size() > 1) {
        const auto mean = core::mean_interval(probe.values);
        text += ", mean " + value_text(mean.mean) + " ± " + value_text(mean.half_width);
    }
    return probe.values.empty() ? "" : text;
}

std::string effort(const Report& report) {
    std::set<std::string> commits;
    for (const auto& probe : report.probes) {
        commits.insert(probe.commit);
    }
    std::vector<std::string> parts{counted(commits.size(), "commit") + " tried"};
    if (report.range_size > 0) {
        parts.front() += " of " + std::to_string(report.range_size);
    }
    for (const auto activity : {Activity::build, Activity::test}) {
        if (const auto count = count_of(report, activity); count > 0) {
            parts.push_back(counted(count, to_string(activity)));
        }
    }
    auto text = join(parts, ", ");
    const auto time = time_or_nothing(report.seconds);
    return time.empty() ? text : text + " in " + time;
}

std::vector<ReportSuspect> shown_suspects(const Report& report) {
    constexpr std::size_t most = 10;
    constexpr double least = 0.0005;
    std::vector<ReportSuspect> shown;
    for (const auto& suspect : report.suspects) {
        if (shown.empty() || (shown.size() < most && suspect.probability >= least)) {
            shown.push_back(suspect);
        }
    }
    return shown;
}

std::string change_totals(const ports::ChangeSummary& changes) {
    return counted(changes.files_changed, "file") + " changed, " + counted(changes.added, "line") +
           " added, " + std::to_string(changes.deleted) + " deleted";
}

} // namespace lab::report
