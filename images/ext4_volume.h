// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "images/nbd_disk.h"

#include <cstdint>
#include <ext2fs/ext2fs.h>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <time.h>
#include <utility>
#include <vector>

namespace lab::images {

/// Who a file of a volume belongs to, and what is said of it.
struct FileAttributes {
    mode_t permissions = 0; ///< 07777
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    timespec modified{};
    std::vector<std::pair<std::string, std::string>> xattrs = {};
};

/// What a file of a volume is; a regular file's content is written by VolumeFile.
struct FileKind {
    mode_t type = 0;         ///< S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK
    std::string target = {}; ///< of a symbolic link
    unsigned major = 0, minor = 0; ///< of a device
};

/// An ext4 file system that fills a disk, changed without being mounted: by libext2fs. Directories
/// and files are named by their inode and, in a directory, by a name without '/'. For one thread;
/// failures are infra Errors, after which the disk is to be thrown away.
class Ext4Volume {
public:
    using Inode = ext2_ino_t;

    static constexpr Inode top = EXT2_ROOT_INO;

    /// @param disk  outlives the volume.
    explicit Ext4Volume(NbdDisk& disk);
    Ext4Volume(const Ext4Volume&) = delete;
    Ext4Volume& operator=(const Ext4Volume&) = delete;
    ~Ext4Volume();

    /// Symbolic links are not followed.
    [[nodiscard]] std::optional<Inode> find(Inode directory, const std::string& name);
    [[nodiscard]] mode_t type_of(Inode file);

    /// Names in a directory, but for "." and "..".
    [[nodiscard]] std::vector<std::string> names_in(Inode directory);

    /// Whether a file has several names, or attributes beside those of every file.
    [[nodiscard]] bool is_special(Inode file);

    /// Makes a file; there is none of this name.
    Inode make(Inode directory, const std::string& name, const FileKind& kind);

    /// Gives a file, which is no directory, another name.
    void link(Inode directory, const std::string& name, Inode file);

    /// Removes a name with all below it; there is one.
    void remove(Inode directory, const std::string& name);

    void set_attributes(Inode file, const FileAttributes& attributes);

    /// Writes a regular file that is empty. `next` fills a buffer and tells how much of it is
    /// content, 0 = its end.
    void write(Inode file, const std::function<std::size_t(char*, std::size_t)>& next);

    [[nodiscard]] std::uint64_t free_blocks() const;
    [[nodiscard]] std::uint64_t free_inodes() const;
    [[nodiscard]] std::uint64_t block_size() const;

    /// Writes everything to the disk.
    void finish();

private:
    void check(errcode_t failed, const char* what, const std::string& name = {}) const;
    [[nodiscard]] ext2_inode_large inode_of(Inode file) const;
    void store(Inode file, ext2_inode_large& inode);
    void enter(Inode directory, const std::string& name, Inode file, mode_t type);
    void free_inode(Inode file, ext2_inode_large& inode);
    Inode make_directory(Inode directory, const std::string& name);
    Inode make_link(Inode directory, const std::string& name, const std::string& target);
    Inode make_file(Inode directory, const std::string& name, const FileKind& kind);
    void set_xattrs(Inode file, const FileAttributes& attributes);

    ext2_filsys system_ = nullptr;
};

} // namespace lab::images
