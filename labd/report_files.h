// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/service.h"
#include "ports/commit_changes.h"
#include "ports/job_store.h"
#include "ports/source_repo.h"

#include <filesystem>

namespace lab {

/// Writes the reports of bisections for who is told of their end. Thread-safe.
class ReportFiles {
public:
    struct Sources {
        engine::JobService& jobs;
        engine::LabService& lab;
        ports::SourceRepos& repositories;
        ports::CommitChanges& changes;
    };

    /// @param directory  of the reports; made when it is missing. The sources must outlive this.
    ReportFiles(std::filesystem::path directory, const Sources& sources)
        : directory_(std::move(directory)), sources_(sources) {}

    /// Writes the report of a job as HTML, over an earlier one; returns where.
    /// @throws Error  when the job or the directory cannot be read or written.
    [[nodiscard]] std::filesystem::path write(const ports::JobRow& row) const;

private:
    std::filesystem::path directory_;
    Sources sources_;
};

} // namespace lab
