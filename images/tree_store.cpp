// SPDX-License-Identifier: Apache-2.0
#include "images/tree_store.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/process.h"
#include "base/text.h"
#include "base/user_namespace.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <sys/stat.h>
#include <vector>

namespace lab::images {
namespace {

namespace fs = std::filesystem;
using ports::Image;
using ports::TreeLease;

/// A big tree on a slow disk.
constexpr Duration longest_copy = std::chrono::hours(1);

/// A container's root may pass, but not look around.
constexpr mode_t passable = 0711;

void make_open_directory(const fs::path& directory, mode_t mode) {
    if (::mkdir(directory.c_str(), 0700) != 0 || ::chmod(directory.c_str(), mode) != 0) {
        throw errno_error("create", directory.string());
    }
}

/// To be raised whenever what is unpacked would be something else.
constexpr const char* layout_version = "/2";

/// What the trees are good for: one boot of this host, and one layout.
std::string current_mark() {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    return id.empty() ? id : id + layout_version;
}

/// One line of what tar says: where a disk is full it complains of each file, and not always of
/// that.
std::string cause_of(const std::string& complaints, const fs::path& written) {
    const auto lines = split(std::string(trim(complaints)), '\n');
    auto cause = cap(escape_for_terminal(lines.front()), 300);
    std::error_code unknown;
    const auto room = fs::space(written, unknown);
    if (!unknown && room.available < mebibytes(1).count &&
        cause.find("No space left") == std::string::npos) {
        cause += ": No space left on device";
    }
    return cause;
}

/// @param written  directory that it writes to
void run_tar(const std::string& purpose, std::vector<std::string> argv, const fs::path& written,
             const std::stop_token& stop) {
    const auto result =
        run_process({.argv = as_file_owner(std::move(argv)), .timeout = longest_copy}, stop);
    if (result.timed_out) {
        throw Error(ErrorCode::infra,
                    "cannot " + purpose + ": no end within " + format_duration(longest_copy));
    }
    if (result.exit_code != 0) {
        throw Error(ErrorCode::infra, "cannot " + purpose + ": " + cause_of(result.err, written),
                    "a full disk gets room by 'lab image gc'");
    }
}

class WorkspaceDirectory final : public ports::Workspace {
public:
    explicit WorkspaceDirectory(const fs::path& parent)
        : directory_(parent / ("w-" + random_hex(16))) {
        make_open_directory(directory_, passable);
        try {
            for (const auto& ours : {input(), nothing()}) {
                make_open_directory(ours, 0755);
            }
            for (const auto& theirs : {output(), upper(), work()}) {
                make_open_directory(theirs, 0755);
                give_to_container(theirs);
            }
        } catch (...) {
            remove_foreign_tree(directory_);
            throw;
        }
    }
    WorkspaceDirectory(const WorkspaceDirectory&) = delete;
    WorkspaceDirectory& operator=(const WorkspaceDirectory&) = delete;
    ~WorkspaceDirectory() override { remove_foreign_tree(directory_); }

    const fs::path& directory() const override { return directory_; }

private:
    fs::path directory_;
};

class Trees final : public ports::TreeStore {
public:
    explicit Trees(fs::path directory) : directory_(std::move(directory)) {
        make_directory(directory_);
        if (::chmod(directory_.c_str(), passable) != 0) {
            throw errno_error("change the mode of", directory_.string());
        }
        remove_what_is_left();
    }

    TreeLease unpack(const Image& image, const std::stop_token& stop) override {
        const auto turn = take_turn(stop);
        if (auto ready = find(image.digest)) {
            return ready;
        }
        const auto fresh = directory_ / ("w-" + random_hex(16));
        make_open_directory(fresh, 0700); // until owners are right nobody may pass
        try {
            unpack_into(fresh / "files", image, stop);
            return publish(fresh, image.digest);
        } catch (...) {
            remove_foreign_tree(fresh);
            throw;
        }
    }

    std::unique_ptr<ports::Workspace> begin_workspace() override {
        return std::make_unique<WorkspaceDirectory>(directory_);
    }

    void pack(const ports::Workspace& workspace, const fs::path& file,
              const std::stop_token& stop) override {
        change_owners(workspace.upper(), OwnersAre::as_packed);
        run_tar("pack what a container wrote",
                {"tar", "-c", "--format=posix", "--sort=name", "--numeric-owner", "--xattrs",
                 "--xattrs-include=user.*", "--xattrs-include=system.posix_acl_*",
                 "--use-compress-program=zstd -1 -T0", "-f", file.string(), "-C",
                 workspace.upper().string(), "."},
                file.parent_path(), stop);
    }

    void adopt(const ports::Workspace& workspace, const Image& image) override {
        change_owners(workspace.upper(), OwnersAre::of_the_container);
        const std::lock_guard lock(mutex_);
        const auto fresh = directory_ / ("w-" + random_hex(16));
        make_open_directory(fresh, 0700);
        if (std::rename(workspace.upper().c_str(), (fresh / "files").c_str()) != 0) {
            throw errno_error("move", workspace.upper().string());
        }
        if (fs::exists(directory_ / image.digest)) {
            remove_foreign_tree(fresh);
            return;
        }
        static_cast<void>(publish_locked(fresh, image.digest));
    }

    void keep_only(const std::set<std::string>& digests) override {
        const std::lock_guard lock(mutex_);
        for (const auto& name : names()) {
            if (name.size() == 64 && !digests.contains(name) && leases_[name].expired()) {
                remove_foreign_tree(directory_ / name);
            }
        }
        std::erase_if(leases_, [](const auto& lease) { return lease.second.expired(); });
    }

private:
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(directory_)) {
            found.push_back(entry.path().filename().string());
        }
        return found;
    }

    void remove_what_is_left() {
        const auto mark = directory_ / "boot";
        const auto boot = current_mark();
        std::string marked;
        std::ifstream(mark) >> marked;
        for (const auto& name : names()) {
            if (name != "boot" && (marked != boot || boot.empty() || name.starts_with("w-"))) {
                remove_foreign_tree(directory_ / name);
            }
        }
        write_file(mark, boot + "\n");
    }

    /// One tree is unpacked at a time: it is the disk's work.
    std::unique_lock<std::timed_mutex> take_turn(const std::stop_token& stop) {
        std::unique_lock lock(unpacking_, std::defer_lock);
        while (!lock.try_lock_for(std::chrono::milliseconds(100))) {
            throw_if_stopped(stop);
        }
        return lock;
    }

    static void unpack_into(const fs::path& tree, const Image& image, const std::stop_token& stop) {
        make_open_directory(tree, 0755);
        std::vector<std::string> argv{"tar",
                                      "-x",
                                      "-p",
                                      "--numeric-owner",
                                      "--same-owner",
                                      "--delay-directory-restore",
                                      "--xattrs",
                                      "--xattrs-include=user.*",
                                      "--use-compress-program=zstd",
                                      "-f",
                                      image.tree().string(),
                                      "-C",
                                      tree.string()};
        const bool is_root = image.kind == ports::ImageKind::root;
        if (is_root) {
            // Nobody but root may make device files, and a container gets its own.
            argv.emplace_back("--exclude=./dev/*");
        }
        run_tar("unpack image " + image.key.substr(0, 12), std::move(argv), tree, stop);
        if (is_root) {
            make_mount_points(tree);
        }
        change_owners(tree, OwnersAre::of_the_container);
    }

    /// A container cannot make them in a root that is read-only.
    static void make_mount_points(const fs::path& root) {
        make_open_directory(root / "lab", 0755);
        for (const char* name : {"build", "root", "in", "out"}) {
            make_open_directory(root / "lab" / name, 0755);
        }
        std::ofstream(root / "lab" / "end");
    }

    TreeLease find(const std::string& digest) {
        const std::lock_guard lock(mutex_);
        return fs::exists(directory_ / digest) ? lease_locked(digest) : nullptr;
    }

    TreeLease publish(const fs::path& fresh, const std::string& digest) {
        const std::lock_guard lock(mutex_);
        return publish_locked(fresh, digest);
    }

    TreeLease publish_locked(const fs::path& fresh, const std::string& digest) {
        const auto place = directory_ / digest;
        if (::chmod(fresh.c_str(), passable) != 0 ||
            std::rename(fresh.c_str(), place.c_str()) != 0) {
            throw errno_error("move", fresh.string());
        }
        return lease_locked(digest);
    }

    TreeLease lease_locked(const std::string& digest) {
        auto lease = leases_[digest].lock();
        if (!lease) {
            lease = std::make_shared<const fs::path>(directory_ / digest / "files");
            leases_[digest] = lease;
        }
        return lease;
    }

    const fs::path directory_;
    std::timed_mutex unpacking_;
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<const fs::path>> leases_;
};

} // namespace

std::unique_ptr<ports::TreeStore> open_tree_store(const fs::path& directory) {
    return std::make_unique<Trees>(directory);
}

} // namespace lab::images
