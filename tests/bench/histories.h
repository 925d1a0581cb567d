// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <cstdint>

namespace lab::bench {

/// How a made-up range looks.
struct HistoryPlan {
    std::size_t commits = 1024;
    double merge_share = 0; ///< about this share of the commits are merges; 0 gives a line
    std::uint32_t seed = 1;
};

/// A range whose commit 0 reaches all others; up to eight branches are open at a time.
[[nodiscard]] core::CommitGraph make_history(const HistoryPlan& plan);

/// The made-up id of a commit; number 0 is the good end.
[[nodiscard]] core::CommitId made_up_id(std::size_t number);

} // namespace lab::bench
