// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <git2.h>

namespace lab::adapters::git {

/// Has `check` asked before each object that libgit2 reads for the repository; a text from it ends
/// the reading, and whatever needed it, with that cause. This is how work of libgit2 that takes no
/// callback is ended: walks over commits, and a checkout that writes files.
/// Objects that libgit2 has in its cache are not asked for.
void guard_reads(git_repository* repository, std::function<const char*()> check);

} // namespace lab::adapters::git
