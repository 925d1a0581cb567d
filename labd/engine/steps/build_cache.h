// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/steps/build.h"

namespace lab::engine {

/// Digests under which builds are found again.
struct BuildKeys {
    std::string key;     ///< this very build
    std::string lineage; ///< equal for builds that may be cloned from each other
};

/// Same key = same build: (commit, root image digest, recipe digest, mode, clean, place).
[[nodiscard]] BuildKeys build_keys(const BuildRequest& request, const ports::Image& root,
                                   plan::BuildMode mode, plan::CleanBuild clean);

/// A published build that answers the request, if there is one: a clean build also serves a request
/// that did not ask for one, a full build also one for the kernel only.
[[nodiscard]] ports::ImageLease find_build(Workshop& shop, const BuildRequest& request,
                                           const ports::Image& root);

struct NearestBuild {
    ports::ImageLease image = nullptr;
    core::CommitId commit = {};
};

/// The published build of the same lineage whose tree differs in the fewest files; none = empty.
[[nodiscard]] NearestBuild nearest_build(Workshop& shop, const BuildRequest& request,
                                         const std::string& lineage, const std::stop_token& stop);

} // namespace lab::engine
