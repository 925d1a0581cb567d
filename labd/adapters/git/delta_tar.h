// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/tree_delta.h"
#include "ports/source_repo.h"

#include <filesystem>
#include <stop_token>

namespace lab::adapters::git {

/// Where a delta is written, and how much is left free there.
struct DeltaFile {
    std::filesystem::path tar;
    Bytes left_free;
};

/// Writes a delta as the raw tar that ports::SourceRepo::write_delta describes. GNU form, whose
/// names are bytes of any length; owner root, modes 0644 and 0755, times 0: the guest unpacks it
/// with `tar -x -m`, so that what changed is new there, whatever the age of the commit. Equal trees
/// give equal bytes. An unfinished file is removed.
/// @throws Error infra  when there is no room. @throws Cancelled
[[nodiscard]] Expected<ports::DeltaInfo, ports::UnfitTree>
write_delta_tar(git_repository* repository, const TreeDelta& delta, const DeltaFile& file,
                const std::stop_token& stop);

} // namespace lab::adapters::git
