// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/containers.h"

#include <filesystem>
#include <memory>

namespace lab::adapters {

/// Containers by crun, for root and for users who have subordinate ids.
///
/// A container is started in namespaces that hold whatever it starts: `unshare` makes one of
/// processes (and, unless we are root, of users), `bwrap` lays `trees` over /mnt there, so that
/// paths below it can be passed whoever may pass those above, and crun does the rest from a
/// config.json. Nothing is mounted or noted outside of them: all of it ends with unshare, which
/// ends with labd.
/// @param trees  directory of the TreeStore that specs are made of.
[[nodiscard]] std::unique_ptr<ports::Containers>
make_crun_containers(const std::filesystem::path& trees);

} // namespace lab::adapters
