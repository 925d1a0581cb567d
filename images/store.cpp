// SPDX-License-Identifier: Apache-2.0
#include "images/store.h"

#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/ids.h"
#include "base/user_namespace.h"
#include "images/catalogue.h"
#include "images/image_files.h"
#include "images/inject.h"
#include "images/layer_merge.h"
#include "images/layer_writer.h"
#include "images/qemu_img.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace lab::images {
namespace {

using ports::Image;
using ports::ImageKind;
using ports::ImageLease;

/// Locked descriptor of a draft's directory; empty when somebody else has the lock.
FileDescriptor lock_directory(const std::filesystem::path& directory) {
    FileDescriptor lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        lock.reset();
    }
    return lock;
}

/// A directory of a draft; removed with its owner unless it was moved away.
class DraftDirectory {
public:
    explicit DraftDirectory(const std::filesystem::path& drafts) : path_(drafts / random_hex(16)) {
        if (::mkdir(path_.c_str(), 0700) != 0) {
            throw errno_error("create", path_.string());
        }
        lock_ = lock_directory(path_);
    }
    DraftDirectory(const DraftDirectory&) = delete;
    DraftDirectory& operator=(const DraftDirectory&) = delete;
    ~DraftDirectory() { remove_foreign_tree(path_); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    FileDescriptor lock_;
};

class Draft : public ports::ImageDraft {
public:
    Draft(Catalogue& catalogue, const ports::DraftRequest& request)
        : catalogue_(catalogue), request_(request), directory_(catalogue.drafts()) {
        const auto disk = directory_.path() / "disk.qcow2";
        if (request_.content == ports::Content::tree) {
            return;
        }
        if (request_.parent) {
            create_overlay(catalogue_.backing_name(request_.parent->key), disk);
        } else if (request_.size) {
            create_empty(disk, *request_.size);
        }
    }

    const std::filesystem::path& directory() const override { return directory_.path(); }

    void take_disk(const std::filesystem::path& raw, const std::stop_token& stop) override {
        if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(raw))) {
            throw Error(ErrorCode::infra, raw.string() + ": is not a regular file");
        }
        convert({raw, plan::ImageFormat::raw}, {directory_.path() / "disk.qcow2"}, stop);
    }

    std::optional<std::string> write_layer(const std::filesystem::path& archive,
                                           const std::stop_token& stop) override {
        const auto& path = directory_.path();
        return images::write_layer({archive, path / "disk.qcow2", path, injected_files()}, stop);
    }

    ImageLease publish(std::map<std::string, std::string> labels) override {
        const auto& path = directory_.path();
        seal(path);
        Image image;
        image.kind = request_.kind;
        image.key = request_.key;
        image.digest = digest_of(path, path / "disk.qcow2");
        image.size = disk_usage(path);
        image.parent = request_.parent ? request_.parent->key : std::string();
        image.labels = std::move(labels);
        return catalogue_.publish(std::move(image), path);
    }

private:
    Catalogue& catalogue_;
    ports::DraftRequest request_;
    DraftDirectory directory_;
};

class Store : public ports::ImageStore {
public:
    Store(const std::filesystem::path& directory, ports::ImageIndex& index, ports::TreeStore* trees)
        : catalogue_(std::filesystem::absolute(directory), index), trees_(trees) {
        make_directory(catalogue_.drafts());
        std::vector<std::filesystem::path> left;
        for (const auto& entry : std::filesystem::directory_iterator(catalogue_.drafts())) {
            left.push_back(entry.path());
        }
        for (const auto& draft : left) {
            if (const auto lock = lock_directory(draft)) {
                remove_foreign_tree(draft);
            }
        }
        prune_trees();
    }

    ImageLease find(ImageKind kind, const std::string& key) override {
        return catalogue_.lease(kind, key);
    }

    std::vector<ImageLease> list(std::optional<ImageKind> kind) override {
        return catalogue_.list(kind);
    }

    std::unique_ptr<ports::ImageDraft> begin(const ports::DraftRequest& request) override {
        return std::make_unique<Draft>(catalogue_, request);
    }

    void make_overlay(const Image& image, const std::filesystem::path& file) override {
        create_overlay(image.disk(), file);
    }

    ports::GarbageReport collect(const ports::GarbageRequest& request) override {
        auto report = catalogue_.collect(request);
        if (!request.dry_run) {
            prune_trees();
        }
        return report;
    }

    std::vector<ports::VerifyResult> verify(const std::stop_token& stop) override {
        std::vector<ports::VerifyResult> results;
        for (const auto& image : catalogue_.list(std::nullopt)) {
            const auto backing = catalogue_.backing_name(image->parent);
            results.push_back({*image, problem_with(*image, backing, stop)});
        }
        return results;
    }

    void flatten(const std::string& key, const std::stop_token& stop) override {
        const auto image = catalogue_.lease(key);
        if (!image) {
            throw Error(ErrorCode::not_found, "image " + key + ": is not published");
        }
        if (std::filesystem::exists(image->disk())) {
            flatten_disk(*image, stop);
        } else {
            flatten_tree(*image, stop);
        }
    }

private:
    void flatten_disk(const Image& image, const std::stop_token& stop) {
        if (image.parent.empty()) {
            return;
        }
        const DraftDirectory draft(catalogue_.drafts());
        const auto disk = draft.path() / "disk.qcow2";
        convert({image.disk()}, {disk}, stop);
        seal(draft.path());
        catalogue_.replace(image.key, {disk, "", digest_of(image.directory, disk, stop)});
    }

    /// The lowest layer is a whole tree; it stays, and one layer over it takes the place of all
    /// others: as large as what differs.
    void flatten_tree(const Image& image, const std::stop_token& stop) {
        const auto chain = catalogue_.below(image.key);
        if (chain.size() < 2) {
            return;
        }
        std::vector<std::filesystem::path> layers{image.tree()};
        for (auto layer = chain.begin(); layer + 1 != chain.end(); ++layer) {
            layers.push_back((*layer)->tree());
        }
        const DraftDirectory draft(catalogue_.drafts());
        const auto tree = draft.path() / "tree.tar.zst";
        if (!merge_layers(layers, tree, stop)) {
            return; // it stays as deep as it is
        }
        seal(draft.path());
        catalogue_.replace(image.key,
                           {tree, chain.back()->key, digest_of(image.directory, tree, stop)});
    }

    void prune_trees() {
        if (trees_ == nullptr) {
            return;
        }
        std::set<std::string> digests;
        for (const auto& image : catalogue_.list(std::nullopt)) {
            digests.insert(image->digest);
        }
        trees_->keep_only(digests);
    }

    Catalogue catalogue_;
    ports::TreeStore* trees_;
};

} // namespace

std::unique_ptr<ports::ImageStore> open_store(const std::filesystem::path& directory,
                                              ports::ImageIndex& index, ports::TreeStore* trees) {
    return std::make_unique<Store>(directory, index, trees);
}

} // namespace lab::images
