// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lab::ports {

/// What a commit does to one file. The path is foreign bytes; one that was renamed is its new one.
struct FileChange {
    std::string path;
    std::uint64_t added = 0; ///< lines; 0 of a binary file
    std::uint64_t deleted = 0;
    bool binary = false;
};

/// What `git show --stat` shows: against the first parent, or against nothing.
struct ChangeSummary {
    std::vector<FileChange> files; ///< by path; capped at 1000
    std::uint64_t files_changed = 0;
    std::uint64_t added = 0;
    std::uint64_t deleted = 0;
};

/// Reads how many lines commits change. Thread-safe.
class CommitChanges {
public:
    virtual ~CommitChanges() = default;

    /// @throws Error not_found  when there is no repository at the path, or it has no such commit.
    [[nodiscard]] virtual ChangeSummary changes(const std::filesystem::path& repository,
                                                const core::CommitId& commit) = 0;
};

} // namespace lab::ports
