// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/source_repo.h"

#include <memory>

namespace lab::adapters {

/// Repositories read by libgit2. Each call opens the repository anew, so calls from many threads do
/// not share a handle of libgit2; nothing is ever written to a repository.
[[nodiscard]] std::unique_ptr<ports::SourceRepos> make_git_repos();

} // namespace lab::adapters
