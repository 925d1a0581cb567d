// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/commit_changes.h"
#include "ports/source_repo.h"
#include "report/make_report.h"

#include <functional>

namespace lab::report {

/// Where a report's parts come from. Each may throw an Error: then its part is missing.
struct Origins {
    std::function<api::LogChunk(std::uint64_t offset, std::size_t most)> log; ///< of the job
    std::function<std::vector<api::DoctorCheck>()> host;                      ///< as it is now
    api::ConfigText config; ///< lab.yaml; empty when there is none
    ports::SourceRepos& repositories;
    ports::CommitChanges& changes;
};

/// What the report of a bisection is made of. What cannot be had is named in `missing`.
[[nodiscard]] ReportSources gather(const api::JobDetail& detail, const Origins& origins);

} // namespace lab::report
