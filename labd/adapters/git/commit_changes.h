// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/limits.h"
#include "ports/commit_changes.h"

#include <memory>

namespace lab::adapters {

/// Changes of commits read by libgit2; renames are found as `git show --stat` finds them.
[[nodiscard]] std::unique_ptr<ports::CommitChanges>
make_commit_changes(const GitLimits& limits = {});

} // namespace lab::adapters
