// SPDX-License-Identifier: Apache-2.0
#include "images/guestfs.h"

#include "base/error.h"
#include "base/text.h"

#include <cstdlib>
#include <map>
#include <memory>

namespace lab::images {
namespace {

/// A list of strings that libguestfs has allocated.
struct FreeStrings {
    void operator()(char** list) const noexcept {
        for (char** item = list; *item != nullptr; ++item) {
            std::free(*item);
        }
        std::free(list);
    }
};
using Strings = std::unique_ptr<char*, FreeStrings>;

std::vector<std::string> to_vector(const Strings& list) {
    std::vector<std::string> texts;
    for (char** item = list.get(); *item != nullptr; ++item) {
        texts.emplace_back(*item);
    }
    return texts;
}

} // namespace

Appliance::Appliance(const DiskFile& disk, AcceleratorHint accelerator)
    : name_(disk.path.string()), handle_(guestfs_create_flags(GUESTFS_CREATE_NO_ENVIRONMENT)) {
    if (!handle_) {
        throw Error(ErrorCode::infra, "cannot create a libguestfs handle");
    }
    auto* const g = handle_.get();
    // Without a handler libguestfs prints to stderr.
    guestfs_set_error_handler(g, nullptr, nullptr);
    require(guestfs_set_backend(g, "direct"), "configure the appliance for", name_);
    if (accelerator == AcceleratorHint::tcg) {
        require(guestfs_set_backend_setting(g, "force_tcg", "1"), "configure the appliance for",
                name_);
    }
    require(guestfs_set_network(g, 0), "configure the appliance for", name_);
    require(guestfs_set_memsize(g, 512), "configure the appliance for", name_);
    // Nothing but our disk is in the appliance. Without random addresses an emulating QEMU finds
    // the code again that it has translated.
    require(guestfs_set_append(g, "mitigations=off nokaslr norandmaps tsc=reliable"),
            "configure the appliance for", name_);
    // Unsafe: an image is flushed when it is published, and thrown away when that fails.
    require(guestfs_add_drive_opts(g, disk.path.c_str(), GUESTFS_ADD_DRIVE_OPTS_FORMAT,
                                   to_string(disk.format), GUESTFS_ADD_DRIVE_OPTS_CACHEMODE,
                                   "unsafe", -1),
            "attach", name_);
    require(guestfs_launch(g), "start the libguestfs appliance for", name_);
}

void Appliance::mount_whole_disk() {
    mount("/dev/sda", "/");
}

void Appliance::mount_system() {
    auto* const g = handle_.get();
    const Strings roots(guestfs_inspect_os(g));
    const auto systems = roots ? to_vector(roots) : std::vector<std::string>();
    if (systems.size() > 1) {
        throw Error(ErrorCode::bad_input, name_ + ": holds " + std::to_string(systems.size()) +
                                              " operating systems (allowed: one)");
    }
    if (systems.size() == 1) {
        mount_points_of(systems.front());
        return;
    }
    // Pairs of device and type; what is no file system has the type "unknown" or "swap".
    const Strings list(guestfs_list_filesystems(g));
    if (!list) {
        throw failure("list the file systems of", name_);
    }
    const auto pairs = to_vector(list);
    std::vector<std::string> devices;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pairs[i + 1] != "unknown" && pairs[i + 1] != "swap") {
            devices.push_back(pairs[i]);
        }
    }
    if (devices.size() != 1) {
        throw Error(ErrorCode::bad_input, name_ + ": holds no operating system that is known and " +
                                              std::to_string(devices.size()) +
                                              " file systems (needed: one of either)");
    }
    mount(devices.front(), "/");
}

void Appliance::mount_points_of(const std::string& root) {
    const Strings list(guestfs_inspect_get_mountpoints(handle_.get(), root.c_str()));
    if (!list) {
        throw failure("find the file systems of", name_);
    }
    // Pairs of mount point and device; a parent's name is shorter, so it is mounted first.
    const auto pairs = to_vector(list);
    std::map<std::pair<std::size_t, std::string>, std::string> by_depth;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        by_depth[{pairs[i].size(), pairs[i]}] = pairs[i + 1];
    }
    for (const auto& [key, device] : by_depth) {
        mount(device, key.second);
    }
}

void Appliance::mount(const std::string& device, const std::string& mount_point) {
    require(guestfs_mount_options(handle_.get(), "noatime", device.c_str(), mount_point.c_str()),
            "mount", name_ + ":" + device);
}

void Appliance::write(const std::string& path, const std::string& content, int mode) {
    auto* const g = handle_.get();
    const auto parent = std::filesystem::path(path).parent_path().string();
    // Not mkdir -p at once: it does not take a link to a directory (/sbin) for one.
    if (guestfs_is_dir_opts(g, parent.c_str(), GUESTFS_IS_DIR_OPTS_FOLLOWSYMLINKS, 1, -1) != 1) {
        require(guestfs_mkdir_p(g, parent.c_str()), "create", parent);
    }
    // Removed first: the file may be a link to somewhere else.
    require(guestfs_rm_f(g, path.c_str()), "replace", path);
    require(guestfs_write(g, path.c_str(), content.data(), content.size()), "write", path);
    require(guestfs_chmod(g, mode, path.c_str()), "change the mode of", path);
}

void Appliance::make_private(const std::string& directory) {
    require(guestfs_chmod(handle_.get(), 0700, directory.c_str()), "change the mode of", directory);
}

void Appliance::remove(const std::string& pattern) {
    for (const auto& path : glob(pattern)) {
        require(guestfs_rm_rf(handle_.get(), path.c_str()), "remove", path);
    }
}

std::vector<std::string> Appliance::glob(const std::string& pattern) {
    const Strings list(guestfs_glob_expand_opts(handle_.get(), pattern.c_str(),
                                                GUESTFS_GLOB_EXPAND_OPTS_DIRECTORYSLASH, 0, -1));
    if (!list) {
        throw failure("look for", pattern);
    }
    return to_vector(list);
}

void Appliance::download(const std::string& path, const std::filesystem::path& file, Bytes limit) {
    auto* const g = handle_.get();
    const int regular =
        guestfs_is_file_opts(g, path.c_str(), GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1);
    const auto size = regular == 1 ? guestfs_filesize(g, path.c_str()) : -1;
    const auto shown = name_ + ": " + escape_for_terminal(cap(path, 200));
    if (regular != 1 || size < 0) {
        throw Error(ErrorCode::bad_input, shown + " is not a regular file");
    }
    if (static_cast<std::uint64_t>(size) > limit.count) {
        throw Error(ErrorCode::bad_input,
                    shown + " is too large (at most " + format_bytes(limit) + ")");
    }
    require(guestfs_download(g, path.c_str(), file.c_str()), "copy out", path);
}

void Appliance::finish() {
    require(guestfs_umount_all(handle_.get()), "unmount", name_);
    require(guestfs_shutdown(handle_.get()), "flush", name_);
}

void Appliance::require(int answer, const char* verb, const std::string& object) {
    if (answer != 0) {
        throw failure(verb, object);
    }
}

Error Appliance::failure(const char* verb, const std::string& object) const {
    const char* text = guestfs_last_error(handle_.get());
    const std::string cause = text != nullptr ? text : "unknown cause";
    return {ErrorCode::infra,
            std::string("cannot ") + verb + " '" + escape_for_terminal(cap(object, 200)) +
                "': " + escape_for_terminal(cap(cause, 500)),
            "libguestfs-test-tool shows whether libguestfs works on this host"};
}

} // namespace lab::images
