// SPDX-License-Identifier: Apache-2.0
#include "images/catalogue.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/user_namespace.h"
#include "images/garbage.h"
#include "images/image_files.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace lab::images {
namespace {

using ports::Image;
using ports::ImageKind;
using ports::ImageLease;

constexpr std::array<ImageKind, 4> all_kinds{ImageKind::root, ImageKind::build, ImageKind::install,
                                             ImageKind::disk};

/// Begins the name of a file beside the old one while they are exchanged; its new parent's key and
/// the old one's name follow.
constexpr const char* flat_prefix = "flat-";

std::string flat_name(const std::string& parent, const std::filesystem::path& file) {
    return flat_prefix + parent + "-" + file.filename().string();
}

bool is_key(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool has_content(const Image& image) {
    return std::filesystem::exists(image.disk()) ||
           (image.kind == ImageKind::build && std::filesystem::exists(image.tree()));
}

void rename_or_throw(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) {
        throw errno_error("publish", to.string());
    }
    sync_path(to.parent_path());
}

} // namespace

/// An image as handed out; the token tells the catalogue that somebody has it.
struct Catalogue::Lease {
    Image image;
    std::shared_ptr<const void> token;
};

Catalogue::Catalogue(std::filesystem::path root, ports::ImageIndex& index)
    : root_(std::move(root)), index_(index) {
    for (const auto kind : all_kinds) {
        make_directory(root_ / to_string(kind));
    }
    load();
    remove_unknown_directories();
}

void Catalogue::load() {
    for (auto& image : index_.images()) {
        image.directory = directory_of(image.kind, image.key);
        finish_flatten(image);
        images_[image.key] = std::move(image);
    }
    // Until nothing changes: an image whose backing file is gone is gone itself.
    for (bool changed = true; changed;) {
        const auto broken = std::find_if(images_.begin(), images_.end(), [&](const auto& item) {
            const auto& [key, image] = item;
            return !is_key(key) || !has_content(image) ||
                   (!image.parent.empty() && images_.count(image.parent) == 0);
        });
        changed = broken != images_.end();
        if (changed) {
            logger("images")->warn("an image is lost and will be made again kind={} key={}",
                                   to_string(broken->second.kind), broken->first);
            index_.remove(broken->first);
            images_.erase(broken);
        }
    }
    derive_depths();
    last_used_ = index_.last_used();
}

/// A crash while files were exchanged left both. The row was written in between: one with the
/// parent of the new file describes that.
void Catalogue::finish_flatten(const Image& image) {
    for (const auto& file : {image.disk(), image.tree()}) {
        const auto done = image.directory / flat_name(image.parent, file);
        if (std::filesystem::exists(done)) {
            rename_or_throw(done, file);
        }
    }
    std::vector<std::filesystem::path> left;
    std::error_code gone; // then it has no content, and the image is lost
    for (const auto& entry : std::filesystem::directory_iterator(image.directory, gone)) {
        if (entry.path().filename().string().starts_with(flat_prefix)) {
            left.push_back(entry.path());
        }
    }
    for (const auto& file : left) {
        std::filesystem::remove(file);
    }
}

void Catalogue::remove_unknown_directories() {
    for (const auto kind : all_kinds) {
        std::vector<std::filesystem::path> unknown;
        for (const auto& entry : std::filesystem::directory_iterator(root_ / to_string(kind))) {
            const auto key = entry.path().filename().string();
            const auto found = images_.find(key);
            if (is_key(key) && (found == images_.end() || found->second.kind != kind)) {
                unknown.push_back(entry.path());
            }
        }
        std::for_each(unknown.begin(), unknown.end(), remove_foreign_tree);
    }
}

void Catalogue::derive_depths() {
    for (auto& [key, image] : images_) {
        image.depth = 0;
        for (auto parent = images_.find(image.parent); parent != images_.end();
             parent = images_.find(parent->second.parent)) {
            if (++image.depth > images_.size()) {
                throw Error(ErrorCode::infra, "image " + key + ": its backing files form a circle");
            }
        }
    }
}

std::filesystem::path Catalogue::directory_of(ImageKind kind, const std::string& key) const {
    return root_ / to_string(kind) / key;
}

std::string Catalogue::backing_name(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = images_.find(key);
    if (found == images_.end()) {
        return {};
    }
    return std::string("../../") + to_string(found->second.kind) + "/" + key + "/disk.qcow2";
}

ImageLease Catalogue::lease(ImageKind kind, const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = images_.find(key);
    if (found == images_.end() || found->second.kind != kind) {
        return nullptr;
    }
    return lease_locked(key, std::chrono::system_clock::now());
}

ImageLease Catalogue::lease(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return images_.count(key) != 0 ? lease_locked(key, std::chrono::system_clock::now()) : nullptr;
}

std::vector<ImageLease> Catalogue::list(std::optional<ImageKind> kind) {
    const std::lock_guard lock(mutex_);
    std::vector<ImageLease> leases;
    for (const auto& [key, image] : images_) {
        if (!kind || image.kind == *kind) {
            // Being looked at is not being used.
            leases.push_back(lease_locked(key, {}));
        }
    }
    return leases;
}

ImageLease Catalogue::lease_locked(const std::string& key, WallTime used) {
    if (used != WallTime{}) {
        index_.touch(key, used);
        last_used_[key] = used;
    }
    auto token = tokens_[key].lock();
    if (!token) {
        token = std::make_shared<char>('\0');
        tokens_[key] = token;
    }
    const auto lease = std::make_shared<const Lease>(Lease{images_.at(key), std::move(token)});
    return {lease, &lease->image};
}

ImageLease Catalogue::publish(Image image, const std::filesystem::path& draft) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::system_clock::now();
    if (images_.count(image.key) != 0) {
        return lease_locked(image.key, now);
    }
    if (!image.parent.empty() && images_.count(image.parent) == 0) {
        throw Error(ErrorCode::infra, "image " + image.key + ": its backing image is gone");
    }
    image.directory = directory_of(image.kind, image.key);
    image.created = now;
    remove_foreign_tree(image.directory); // has no row, hence is no image
    rename_or_throw(draft, image.directory);
    index_.put(image);
    const auto key = image.key;
    images_[key] = std::move(image);
    derive_depths();
    return lease_locked(key, now);
}

std::vector<ImageLease> Catalogue::below(const std::string& key) {
    const std::lock_guard lock(mutex_);
    std::vector<ImageLease> chain;
    for (auto found = images_.find(images_.at(key).parent); found != images_.end();
         found = images_.find(found->second.parent)) {
        chain.push_back(lease_locked(found->first, {}));
    }
    return chain;
}

void Catalogue::replace(const std::string& key, const Flat& flat) {
    const std::lock_guard lock(mutex_);
    auto& image = images_.at(key);
    auto changed = image;
    changed.parent = flat.parent;
    changed.digest = flat.digest;
    const auto beside = image.directory / flat_name(flat.parent, flat.file);
    // The row is the point of no return, and it lies between two renames: before it the old file is
    // valid and the new one litter; after it the new one is the file, under either name. Opening
    // the store tells both cases apart by the row's parent.
    rename_or_throw(flat.file, beside);
    index_.put(changed);
    rename_or_throw(beside, image.directory / flat.file.filename());
    changed.size = disk_usage(changed.directory);
    index_.put(changed);
    image = std::move(changed);
    derive_depths();
}

std::set<std::string> Catalogue::in_use_locked() const {
    std::set<std::string> keys;
    for (const auto& [key, token] : tokens_) {
        // What a leased image is backed by is in use with it.
        for (auto found = token.expired() ? images_.end() : images_.find(key);
             found != images_.end(); found = images_.find(found->second.parent)) {
            keys.insert(found->first);
        }
    }
    return keys;
}

ports::GarbageReport Catalogue::collect(const ports::GarbageRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto in_use = in_use_locked();
    std::vector<StoredImage> stored;
    ports::GarbageReport report;
    for (const auto& [key, image] : images_) {
        const auto used = last_used_.find(key);
        const bool leased = in_use.count(key) != 0;
        const bool kept = request.keep.contains(key);
        stored.push_back({image, used != last_used_.end() ? used->second : image.created,
                          leased ? Usage::leased
                          : kept ? Usage::kept
                                 : Usage::free});
        if (kept && !leased) {
            report.kept.push_back(image);
        }
    }
    report.removed = choose_garbage(std::move(stored), request.keep_at_most);
    for (const auto& image : report.removed) {
        report.freed = report.freed + image.size;
        if (!request.dry_run) {
            remove_locked(image);
        }
    }
    std::transform(in_use.begin(), in_use.end(), std::back_inserter(report.kept_in_use),
                   [&](const std::string& key) { return images_.at(key); });
    return report;
}

/// The row goes first: a crash in between leaves a directory without a row, which is removed when
/// the store is opened.
void Catalogue::remove_locked(const Image& image) {
    index_.remove(image.key);
    const auto directory = image.directory;
    tokens_.erase(image.key);
    last_used_.erase(image.key);
    images_.erase(image.key);
    remove_foreign_tree(directory);
}

} // namespace lab::images
