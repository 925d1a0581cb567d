// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/limits.h"
#include "ports/source_repo.h"

#include <memory>

namespace lab::adapters {

/// Repositories read by libgit2. Each call opens the repository anew, in a thread of its own, so
/// that one whose file system does not answer holds up nobody else; nothing is ever written to a
/// repository.
[[nodiscard]] std::unique_ptr<ports::SourceRepos> make_git_repos(const GitLimits& limits = {});

} // namespace lab::adapters
