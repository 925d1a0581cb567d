// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/job_context.h"
#include "engine/workshop.h"

#include <vector>

namespace lab::engine {

/// Most layers that a build may have below it: overlayfs takes their names as one page of text.
inline constexpr unsigned most_layers = 32;

/// Whether a build is a layer of files rather than a disk: it was made in a container.
[[nodiscard]] bool is_layer(const ports::Image& build);

/// A build's layers, unpacked and kept from being collected.
struct Layers {
    std::vector<ports::ImageLease> images;
    std::vector<ports::TreeLease> trees; ///< the nearest first
};

/// Layers of a build with all below it; of null, none.
/// @throws Error infra, Cancelled
[[nodiscard]] Layers unpack_layers(Workshop& shop, const ports::ImageLease& build,
                                   const std::stop_token& stop);

/// An image whose disk holds the build's tree, for machines: the build itself, or of a layer one
/// that is made when it is first needed, by a container of the build's own machine.
/// @throws Error infra, Cancelled
[[nodiscard]] ports::ImageLease disk_of_build(Workshop& shop, JobContext& job,
                                              const ports::ImageLease& build,
                                              const std::stop_token& stop);

} // namespace lab::engine
