// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/libgit.h"
#include "base/diagnostics.h"

#include <string>

namespace lab::adapters::git {

/// The commit that a revision names, as `git rev-parse --verify --end-of-options "X^{commit}"`
/// would for what names one commit: a branch, a tag, an object id or its beginning, with suffixes
/// such as ~3 or ^2. Options, ranges, searches in commit texts and "the branch before" are refused.
[[nodiscard]] Parsed<core::CommitId> resolve_revision(git_repository* repository,
                                                      const std::string& revision);

} // namespace lab::adapters::git
