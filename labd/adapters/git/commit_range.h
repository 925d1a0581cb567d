// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/libgit.h"
#include "ports/source_repo.h"

#include <vector>

namespace lab::adapters::git {

/// The commits between good and bad as `git bisect` sees them: the order of `git rev-list <bad>
/// --not <good...>`, which is by commit date, with history simplified to the paths when there are
/// any. Where a wrong clock has put a parent before its child, it is moved behind it.
/// Paths are literal and relative to the top of the tree.
/// @throws Error bad_input  for a path outside the tree and for a shallow repository.
[[nodiscard]] core::CommitGraph commit_range(git_repository* repository,
                                             const std::vector<core::CommitId>& good,
                                             const core::CommitId& bad,
                                             const ports::RangeOptions& options);

/// Merge bases of bad and each good that is not its ancestor; each once.
[[nodiscard]] std::vector<core::CommitId> merge_bases(git_repository* repository,
                                                      const std::vector<core::CommitId>& good,
                                                      const core::CommitId& bad);

} // namespace lab::adapters::git
