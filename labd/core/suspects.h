// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <vector>

namespace lab::core {

/// The commits that no test can tell from `commit`, itself included, newest first: as culprits they
/// all make the same testable commits bad.
///
/// On a line that is the commit and the untestable ones before the next testable commit. Cost: some
/// sweeps over the range.
/// @param testable  by commit index: 0 for a commit that was skipped. Commit 0, the bad end, counts
///                  as testable whatever is said of it.
/// @note Pure, thread-safe.
[[nodiscard]] std::vector<CommitIndex>
inseparable(const CommitGraph& graph, const std::vector<char>& testable, CommitIndex commit);

} // namespace lab::core
