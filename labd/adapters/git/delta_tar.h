// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/tree_delta.h"
#include "ports/source_repo.h"

#include <filesystem>
#include <stop_token>

namespace lab::adapters::git {

/// Writes a delta as the raw tar that ports::SourceRepo::write_delta describes. GNU form, whose
/// names are bytes of any length; owner root, modes 0644 and 0755, times 0: the guest unpacks it
/// with `tar -x -m`, so that what changed is new there, whatever the age of the commit. Equal trees
/// give equal bytes. An unfinished file is removed.
[[nodiscard]] ports::DeltaInfo write_delta_tar(git_repository* repository, const TreeDelta& delta,
                                               const std::filesystem::path& tar,
                                               const std::stop_token& stop);

} // namespace lab::adapters::git
