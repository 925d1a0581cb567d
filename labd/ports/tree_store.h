// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <filesystem>
#include <memory>
#include <set>
#include <stop_token>
#include <string>

namespace lab::ports {

/// The unpacked files of an image, for containers only; they stay while the lease lives.
using TreeLease = std::shared_ptr<const std::filesystem::path>;

/// What one container writes and is given; removed with the object. All directories are below the
/// one of the TreeStore.
class Workspace {
public:
    virtual ~Workspace() = default;

    [[nodiscard]] virtual const std::filesystem::path& directory() const = 0;

    /// Empty, the lab's own: what a container is given to read.
    [[nodiscard]] std::filesystem::path input() const { return directory() / "in"; }

    /// Empty, the container's: what it hands out.
    [[nodiscard]] std::filesystem::path output() const { return directory() / "out"; }

    /// Upper and work directory of an overlayfs, the container's.
    [[nodiscard]] std::filesystem::path upper() const { return directory() / "upper"; }
    [[nodiscard]] std::filesystem::path work() const { return directory() / "work"; }

    /// An empty directory, for an overlay that has no layer below.
    [[nodiscard]] std::filesystem::path nothing() const { return directory() / "nothing"; }
};

/// The files of images that have tree(), unpacked on this host where containers can use them. A
/// cache: the images are the truth. Thread-safe; failures are infra Errors.
class TreeStore {
public:
    virtual ~TreeStore() = default;

    /// Files of a root; of a build, its layer.
    /// @throws Cancelled
    [[nodiscard]] virtual TreeLease unpack(const Image& image, const std::stop_token& stop) = 0;

    [[nodiscard]] virtual std::unique_ptr<Workspace> begin_workspace() = 0;

    /// Writes what a container has put into its upper directory as the tree() of a draft.
    /// @throws Cancelled
    virtual void pack(const Workspace& workspace, const std::filesystem::path& file,
                      const std::stop_token& stop) = 0;

    /// Makes the upper directory, as it was packed, the unpacked layer of a published image.
    virtual void adopt(const Workspace& workspace, const Image& image) = 0;

    /// Removes what nobody leases and belongs to none of these digests of images.
    virtual void keep_only(const std::set<std::string>& digests) = 0;
};

} // namespace lab::ports
