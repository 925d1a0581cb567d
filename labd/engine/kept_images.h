// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"
#include "ports/job_store.h"

#include <set>
#include <string>
#include <vector>

namespace lab::engine {

/// How long the images of a bisection are worth their room after it has ended.
inline constexpr Duration worth_keeping = std::chrono::hours(24 * 30);

/// Keys of the images that a collection leaves alone unless it is to remove all: roots, which every
/// job would have to make anew, and what was made of both ends, of the commit found and of its
/// parent in bisections that run or have ended in the last 30 days. Pure.
[[nodiscard]] std::set<std::string> images_to_keep(const std::vector<ports::Image>& images,
                                                   const std::vector<ports::JobRow>& jobs,
                                                   WallTime now);

} // namespace lab::engine
