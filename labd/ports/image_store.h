// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/units.h"
#include "plan/model.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace lab::ports {

enum class ImageKind {
    root,
    build,
    install,
    disk, ///< of a build that is kept as files, made when a machine needs it
};

[[nodiscard]] const char* to_string(ImageKind kind) noexcept;

/// A published image: a directory that holds `disk.qcow2`, or `tree.tar.zst`, or both, and, for
/// direct boot, `kernel` and `initrd`. Immutable (0444).
struct Image {
    ImageKind kind = ImageKind::root;
    std::string key; ///< 64 hex digits: digest of everything that determines the content
    std::filesystem::path directory;
    std::string digest; ///< SHA-256 over the files
    Bytes size;         ///< bytes on disk
    std::string parent; ///< key of the image that it is a layer over; empty = none
    unsigned depth = 0; ///< layers below it
    std::map<std::string, std::string> labels; ///< vm, commit, mode, test_vm, ...
    WallTime created;

    [[nodiscard]] std::filesystem::path disk() const { return directory / "disk.qcow2"; }

    /// Its files as a tar archive. Of a root: all of them, as they were before keys and init were
    /// put in; absent where no container is made of it. Of a build made in a container: those that
    /// differ from its parent, with the marks of overlayfs; such a build has no disk.
    [[nodiscard]] std::filesystem::path tree() const { return directory / "tree.tar.zst"; }

    [[nodiscard]] std::filesystem::path kernel() const { return directory / "kernel"; }
    [[nodiscard]] std::filesystem::path initrd() const { return directory / "initrd"; }

    /// Of an install for a machine by SSH: a tar archive; absent when its kernel needs none.
    [[nodiscard]] std::filesystem::path modules() const { return directory / "modules"; }

    /// Of a build: paths of the source files it read, one a line; absent when that is not known.
    [[nodiscard]] std::filesystem::path files_read() const { return directory / "files-read"; }
};

/// Keeps an image (and what it is backed by) from being collected while it lives.
using ImageLease = std::shared_ptr<const Image>;

/// An image being made; removed when dropped without publish().
class ImageDraft {
public:
    virtual ~ImageDraft() = default;

    /// Directory to fill with disk.qcow2, tree.tar.zst, kernel, initrd, modules, files-read. The
    /// disk is there already when the draft was begun as an overlay or with a size.
    [[nodiscard]] virtual const std::filesystem::path& directory() const = 0;

    /// Makes disk.qcow2 of a raw disk.
    /// @throws Error infra, Cancelled
    virtual void take_disk(const std::filesystem::path& raw, const std::stop_token& stop) = 0;

    /// Writes into disk.qcow2, an overlay of a root that is one file system, what a container has
    /// written over that root's files: an archive by TreeStore::pack(), foreign bytes.
    /// @return why the result would not be what a machine makes; nothing is written then.
    /// @throws Error infra, Cancelled
    [[nodiscard]] virtual std::optional<std::string>
    write_layer(const std::filesystem::path& archive, const std::stop_token& stop) = 0;

    /// Seals and publishes: files 0444, fsync, rename, fsync of the directory, then the index row.
    [[nodiscard]] virtual ImageLease publish(std::map<std::string, std::string> labels) = 0;
};

/// What a draft is an overlay by.
enum class Content { disk, tree };

struct DraftRequest {
    ImageKind kind = ImageKind::build;
    std::string key;
    ImageLease parent = nullptr;     ///< overlay of it
    Content content = Content::disk; ///< a tree is written by whoever fills the draft
    std::optional<Bytes> size = {};  ///< without parent: an empty qcow2 disk of this virtual size
};

struct GarbageRequest {
    std::optional<Bytes> keep_at_most =
        {}; ///< collect least recently used images above this; absent = all unused
    std::set<std::string> keep = {}; ///< keys that are left alone, with what they are backed by
    bool dry_run = false;
};

struct GarbageReport {
    std::vector<Image> removed;
    std::vector<Image> kept_in_use;
    std::vector<Image> kept; ///< left alone as was asked, and not in use
    Bytes freed;
};

/// What is wrong with an image; empty = nothing.
struct VerifyResult {
    Image image;
    std::string problem;
};

/// All published images of a lab. Thread-safe. Failures are infra Errors.
class ImageStore {
public:
    virtual ~ImageStore() = default;

    [[nodiscard]] virtual ImageLease find(ImageKind kind, const std::string& key) = 0;
    [[nodiscard]] virtual std::vector<ImageLease> list(std::optional<ImageKind> kind) = 0;
    [[nodiscard]] virtual std::unique_ptr<ImageDraft> begin(const DraftRequest& request) = 0;

    /// Throwaway overlay of a published image, written to `file`.
    virtual void make_overlay(const Image& image, const std::filesystem::path& file) = 0;

    /// Removes images nobody leases and no kept image is backed by.
    [[nodiscard]] virtual GarbageReport collect(const GarbageRequest& request) = 0;

    /// Compares every image with its digest and its backing file with the index.
    [[nodiscard]] virtual std::vector<VerifyResult> verify(const std::stop_token& stop) = 0;

    /// Replaces an image's backing chain by its own content, or that of layers by one layer over
    /// the lowest; what it holds stays the same.
    virtual void flatten(const std::string& key, const std::stop_token& stop) = 0;
};

/// Durable index of the image store; the last word on what is published. Thread-safe.
class ImageIndex {
public:
    virtual ~ImageIndex() = default;
    [[nodiscard]] virtual std::vector<Image> images() = 0;
    virtual void put(const Image& image) = 0; ///< inserts or replaces by key, durable on return
    virtual void remove(const std::string& key) = 0;
    virtual void touch(const std::string& key, WallTime used) = 0;
    [[nodiscard]] virtual std::map<std::string, WallTime> last_used() = 0;
};

/// The keys of a lab: one SSH key pair for all its guests, made on first use.
struct LabKeys {
    std::filesystem::path user_key; ///< private, for labd and `lab vm ssh`
    std::string user_public_key;    ///< line for authorized_keys
    std::filesystem::path host_key; ///< private, for the sshd of the lab's guests
    std::string host_public_key;    ///< "ssh-ed25519 AAAA..."
};

/// What a root image is made from.
struct RootRequest {
    plan::Template machine;
    LabKeys keys;
};

/// Makes root images from templates. Thread-safe.
class RootMaker {
public:
    virtual ~RootMaker() = default;

    /// Digest of everything that determines the image: recipe, packages, init, keys, import digest.
    [[nodiscard]] virtual std::string key_of(const RootRequest& request) = 0;

    /// Makes and publishes the root image. `progress` gets one line per phase and raw tool output
    /// goes to `log`.
    [[nodiscard]] virtual ImageLease make(const RootRequest& request,
                                          const std::function<void(const std::string&)>& progress,
                                          const std::function<void(std::string_view)>& log,
                                          const std::stop_token& stop) = 0;
};

} // namespace lab::ports
