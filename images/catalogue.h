// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace lab::images {

/// What is published and who uses it: the index, written through, with the leases of this process.
/// Thread-safe. Removing an image's files happens under its lock, so that no lease of an image can
/// appear while it is being removed.
class Catalogue {
public:
    /// Loads the index and makes disk and index agree.
    Catalogue(std::filesystem::path root, ports::ImageIndex& index);

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path drafts() const { return root_ / "tmp"; }
    [[nodiscard]] std::filesystem::path directory_of(ports::ImageKind kind,
                                                     const std::string& key) const;

    /// Name of an image's disk as backing file in any directory of the store; empty for no image.
    [[nodiscard]] std::string backing_name(const std::string& key) const;

    /// Lease of an image, marked as used now; null when it is not published.
    [[nodiscard]] ports::ImageLease lease(ports::ImageKind kind, const std::string& key);
    [[nodiscard]] ports::ImageLease lease(const std::string& key);
    [[nodiscard]] std::vector<ports::ImageLease> list(std::optional<ports::ImageKind> kind);

    /// Moves a sealed draft to its place and writes the row. When the key is published already,
    /// that image wins and the draft stays where it is.
    [[nodiscard]] ports::ImageLease publish(ports::Image image, const std::filesystem::path& draft);

    /// A file that holds the same content of an image over another parent, or over none.
    struct Flat {
        std::filesystem::path file; ///< disk.qcow2 or tree.tar.zst
        std::string parent = {};
        std::string digest; ///< of the image with it
    };

    /// Exchanges a file of an image.
    void replace(const std::string& key, const Flat& flat);

    /// Images below an image, the nearest first.
    [[nodiscard]] std::vector<ports::ImageLease> below(const std::string& key);

    [[nodiscard]] ports::GarbageReport collect(const ports::GarbageRequest& request);

private:
    struct Lease;
    using Images = std::map<std::string, ports::Image>;

    void load();
    void finish_flatten(const ports::Image& image);
    void remove_unknown_directories();
    void derive_depths();
    [[nodiscard]] ports::ImageLease lease_locked(const std::string& key, WallTime used);
    [[nodiscard]] std::set<std::string> in_use_locked() const;
    void remove_locked(const ports::Image& image);

    std::filesystem::path root_;
    ports::ImageIndex& index_;
    mutable std::mutex mutex_;
    Images images_;
    std::map<std::string, WallTime> last_used_;
    std::map<std::string, std::weak_ptr<const void>> tokens_; ///< alive = leased
};

} // namespace lab::images
