// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "core/commit.h"
#include "plan/model.h"
#include "report/log_excerpts.h"
#include "report/report.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::report {

/// What a report is made of, besides the job itself. What could not be had is absent, and
/// `missing` says why.
struct ReportSources {
    LogExcerpts log;
    std::optional<core::CommitGraph> range; ///< that was bisected
    std::optional<ports::ChangeSummary> changes;
    std::optional<plan::Config> config;     ///< lab.yaml as it is now
    std::vector<api::DoctorCheck> host_now; ///< for a job that did not keep what it ran on
    std::vector<std::string> missing;
};

/// The report of a bisection, also of one that runs or failed. Tolerates missing members. Pure.
[[nodiscard]] Report make_report(const api::JobDetail& detail, const ReportSources& sources);

/// How to ask the same again, and how to try the first bad commit and its parent alone. Pure.
[[nodiscard]] std::vector<ReportCommand> commands_of(const api::JobDetail& detail);

/// Machine-readable form: the job's result with its spec, its steps, what its commit changes and
/// the commands. Pure.
[[nodiscard]] nlohmann::json report_json(const api::JobDetail& detail, const Report& report);

} // namespace lab::report
