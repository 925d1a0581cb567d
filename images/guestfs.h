// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/handle.h"
#include "images/qemu_img.h"

#include <filesystem>
#include <guestfs.h>
#include <string>
#include <vector>

namespace lab::images {

/// What the appliance may run on; `tcg` where KVM is there but does not work.
enum class AcceleratorHint { kvm, tcg };

/// The libguestfs appliance with one disk: a small guest in which that disk's file systems are
/// mounted, so that the host's kernel never reads them. It has no network. Not thread-safe; every
/// failure is an infra Error, what a disk lacks is bad_input.
class Appliance {
public:
    /// Starts the appliance; takes 7 to 13 s without KVM.
    Appliance(const DiskFile& disk, AcceleratorHint accelerator);

    /// Mounts the file system of the whole disk.
    void mount_whole_disk();

    /// Finds the only operating system, or else the only file system, of the disk and mounts it.
    void mount_system();

    /// Replaces a file; parents are made where missing.
    void write(const std::string& path, const std::string& content, int mode);

    /// Gives a directory the mode 0700.
    void make_private(const std::string& directory);

    /// Removes what matches a pattern.
    void remove(const std::string& pattern);

    /// Paths that match a shell pattern.
    [[nodiscard]] std::vector<std::string> glob(const std::string& pattern);

    /// Copies a regular file of at most `limit` out to the host.
    void download(const std::string& path, const std::filesystem::path& file, Bytes limit);

    /// Unmounts, flushes and stops; write errors surface here. Without it changes may be lost.
    void finish();

private:
    std::string name_;
    Handle<guestfs_h, guestfs_close> handle_;

    void require(int answer, const char* verb, const std::string& object);
    [[nodiscard]] Error failure(const char* verb, const std::string& object) const;
    void mount(const std::string& device, const std::string& mount_point);
    void mount_points_of(const std::string& root);
};

} // namespace lab::images
