// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"
#include "core/observation.h"
#include "ports/source_repo.h"

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lab::engine {

/// Finds the commits of a range that change nothing its builds read. Not thread-safe.
class Pruning {
public:
    Pruning(ports::SourceRepo& repo, const core::CommitGraph& range, core::CommitId good,
            core::CommitId bad);

    /// What the build of an end has read; nothing is known from an empty list.
    void add(const core::CommitId& end, const std::vector<std::string>& files_read);

    /// Once both ends are known: the commits that cannot matter, merges never among them. Given out
    /// once.
    /// @throws Cancelled
    [[nodiscard]] std::optional<core::CannotMatter> take(const std::stop_token& stop);

private:
    ports::SourceRepo& repo_;
    const core::CommitGraph& range_;
    core::CommitId good_;
    core::CommitId bad_;
    std::map<core::CommitId, std::vector<std::string>> read_;
    bool taken_ = false;
};

} // namespace lab::engine
