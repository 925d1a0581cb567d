// SPDX-License-Identifier: Apache-2.0
#include "images/ext4_volume.h"

#include "base/error.h"
#include "base/text.h"
#include "images/nbd_io.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <et/com_err.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace lab::images {
namespace {

/// The attributes of one inode.
class Xattrs {
public:
    Xattrs(ext2_filsys system, ext2_ino_t file)
        : failed_(ext2fs_xattrs_open(system, file, &all_)) {}
    Xattrs(const Xattrs&) = delete;
    Xattrs& operator=(const Xattrs&) = delete;
    ~Xattrs() {
        if (all_ != nullptr) {
            ext2fs_xattrs_close(&all_);
        }
    }

    [[nodiscard]] errcode_t failed() const { return failed_; }
    [[nodiscard]] ext2_xattr_handle* get() const { return all_; }

private:
    ext2_xattr_handle* all_ = nullptr;
    errcode_t failed_;
};

ext2_inode* plain(ext2_inode_large& inode) {
    return reinterpret_cast<ext2_inode*>(&inode); // NOLINT: as libext2fs has it
}

int collect_name(ext2_ino_t /*directory*/, int entry, ext2_dir_entry* found, int /*offset*/,
                 int /*block_size*/, char* /*block*/, void* names) {
    if (entry == DIRENT_OTHER_FILE) {
        static_cast<std::vector<std::string>*>(names)->emplace_back(
            found->name, static_cast<std::size_t>(ext2fs_dirent_name_len(found)));
    }
    return 0;
}

int directory_type_of(mode_t type) {
    switch (type) {
    case S_IFREG:
        return EXT2_FT_REG_FILE;
    case S_IFDIR:
        return EXT2_FT_DIR;
    case S_IFLNK:
        return EXT2_FT_SYMLINK;
    case S_IFIFO:
        return EXT2_FT_FIFO;
    case S_IFSOCK:
        return EXT2_FT_SOCK;
    case S_IFCHR:
        return EXT2_FT_CHRDEV;
    case S_IFBLK:
        return EXT2_FT_BLKDEV;
    default:
        return EXT2_FT_UNKNOWN;
    }
}

/// A device's number as Linux keeps it in an inode: the short form where it fits.
void note_device(ext2_inode_large& inode, const FileKind& kind) {
    if (kind.major < 256 && kind.minor < 256) {
        inode.i_block[0] = kind.major * 256 + kind.minor;
    } else {
        inode.i_block[1] =
            (kind.minor & 0xffU) | (kind.major << 8U) | ((kind.minor & ~0xffU) << 12U);
    }
}

/// The bits of a time that are kept beside its lowest 32.
std::uint32_t extra_of(const timespec& time) {
    return static_cast<std::uint32_t>(time.tv_nsec) << 2U |
           (static_cast<std::uint32_t>(
                (static_cast<std::uint64_t>(time.tv_sec) -
                 static_cast<std::uint64_t>(static_cast<std::int32_t>(time.tv_sec))) >>
                32U) &
            3U);
}

} // namespace

Ext4Volume::Ext4Volume(NbdDisk& disk) {
    check(open_file_system(disk, &system_), "open the file system of a root");
    const auto failed = ext2fs_read_bitmaps(system_);
    if (failed != 0) {
        ext2fs_free(system_);
        system_ = nullptr;
    }
    check(failed, "read the file system of a root");
}

Ext4Volume::~Ext4Volume() {
    if (system_ != nullptr) {
        ext2fs_free(system_); // as it is: the disk is thrown away
    }
}

void Ext4Volume::check(errcode_t failed, const char* what, const std::string& name) const {
    if (failed == 0) {
        return;
    }
    // libext2fs' own texts are not registered: that is one table for all threads.
    const std::string cause = failed < 256 ? std::strerror(static_cast<int>(failed)) // NOLINT
                                           : "error " + std::to_string(failed) + " of libext2fs";
    throw Error(ErrorCode::infra,
                std::string("cannot ") + what +
                    (name.empty() ? "" : " '" + cap(escape_for_terminal(name), 100) + "'") + ": " +
                    cause);
}

std::optional<Ext4Volume::Inode> Ext4Volume::find(Inode directory, const std::string& name) {
    Inode found = 0;
    const auto failed = ext2fs_lookup(system_, directory, name.c_str(),
                                      static_cast<int>(name.size()), nullptr, &found);
    if (failed == EXT2_ET_FILE_NOT_FOUND) {
        return std::nullopt;
    }
    check(failed, "look up", name);
    return found;
}

ext2_inode_large Ext4Volume::inode_of(Inode file) const {
    ext2_inode_large inode{};
    check(ext2fs_read_inode_full(system_, file, plain(inode), sizeof inode), "read a file");
    return inode;
}

void Ext4Volume::store(Inode file, ext2_inode_large& inode) {
    check(ext2fs_write_inode_full(system_, file, plain(inode), sizeof inode), "write a file");
}

mode_t Ext4Volume::type_of(Inode file) {
    return inode_of(file).i_mode & S_IFMT;
}

std::vector<std::string> Ext4Volume::names_in(Inode directory) {
    std::vector<std::string> names;
    check(ext2fs_dir_iterate2(system_, directory, 0, nullptr, collect_name, &names),
          "list a directory");
    return names;
}

bool Ext4Volume::is_special(Inode file) {
    if (inode_of(file).i_links_count > 1) {
        return true;
    }
    const Xattrs xattrs(system_, file);
    std::size_t count = 0;
    check(xattrs.failed(), "open attributes");
    check(ext2fs_xattrs_read(xattrs.get()), "read attributes");
    check(ext2fs_xattrs_count(xattrs.get(), &count), "read attributes");
    return count != 0;
}

void Ext4Volume::enter(Inode directory, const std::string& name, Inode file, mode_t type) {
    auto failed = ext2fs_link(system_, directory, name.c_str(), file, directory_type_of(type));
    if (failed == EXT2_ET_DIR_NO_SPACE) {
        check(ext2fs_expand_dir(system_, directory), "enlarge the directory of", name);
        failed = ext2fs_link(system_, directory, name.c_str(), file, directory_type_of(type));
    }
    check(failed, "enter", name);
}

Ext4Volume::Inode Ext4Volume::make(Inode directory, const std::string& name, const FileKind& kind) {
    switch (kind.type) {
    case S_IFDIR:
        return make_directory(directory, name);
    case S_IFLNK:
        return make_link(directory, name, kind.target);
    default:
        return make_file(directory, name, kind);
    }
}

Ext4Volume::Inode Ext4Volume::make_directory(Inode directory, const std::string& name) {
    auto failed = ext2fs_mkdir(system_, directory, 0, name.c_str());
    if (failed == EXT2_ET_DIR_NO_SPACE) {
        check(ext2fs_expand_dir(system_, directory), "enlarge the directory of", name);
        failed = ext2fs_mkdir(system_, directory, 0, name.c_str());
    }
    check(failed, "make", name);
    return find(directory, name).value();
}

Ext4Volume::Inode Ext4Volume::make_link(Inode directory, const std::string& name,
                                        const std::string& target) {
    auto failed = ext2fs_symlink(system_, directory, 0, name.c_str(), target.c_str());
    if (failed == EXT2_ET_DIR_NO_SPACE) {
        check(ext2fs_expand_dir(system_, directory), "enlarge the directory of", name);
        failed = ext2fs_symlink(system_, directory, 0, name.c_str(), target.c_str());
    }
    check(failed, "make", name);
    return find(directory, name).value();
}

Ext4Volume::Inode Ext4Volume::make_file(Inode directory, const std::string& name,
                                        const FileKind& kind) {
    Inode file = 0;
    check(ext2fs_new_inode(system_, directory, static_cast<int>(kind.type), nullptr, &file), "make",
          name);
    ext2fs_inode_alloc_stats2(system_, file, +1, 0);
    ext2_inode_large inode{};
    inode.i_mode = static_cast<__u16>(kind.type | 0600U);
    inode.i_links_count = 1;
    if (kind.type == S_IFCHR || kind.type == S_IFBLK) {
        note_device(inode, kind);
    } else if (kind.type == S_IFREG && ext2fs_has_feature_extents(system_->super)) {
        ext2_extent_handle_t extents = nullptr;
        inode.i_flags |= EXT4_EXTENTS_FL;
        check(ext2fs_extent_open2(system_, file, plain(inode), &extents), "make", name);
        ext2fs_extent_free(extents);
    }
    check(ext2fs_write_new_inode(system_, file, plain(inode)), "make", name);
    enter(directory, name, file, kind.type);
    return file;
}

void Ext4Volume::link(Inode directory, const std::string& name, Inode file) {
    auto inode = inode_of(file);
    enter(directory, name, file, inode.i_mode & S_IFMT);
    ++inode.i_links_count;
    store(file, inode);
}

void Ext4Volume::remove(Inode directory, const std::string& name) {
    struct Step {
        Inode directory;
        std::string name;
    };
    // A directory is looked at twice: when what is in it is put on top of it, and when that is
    // gone.
    std::vector<Step> steps{{directory, name}};
    while (!steps.empty()) {
        const auto step = steps.back();
        const auto file = find(step.directory, step.name).value();
        auto inode = inode_of(file);
        const bool is_directory = S_ISDIR(inode.i_mode);
        const auto below = is_directory ? names_in(file) : std::vector<std::string>();
        if (!below.empty()) {
            for (const auto& one : below) {
                steps.push_back({file, one});
            }
            continue;
        }
        steps.pop_back();
        check(ext2fs_unlink(system_, step.directory, step.name.c_str(), file, 0), "remove",
              step.name);
        if (is_directory) {
            auto parent = inode_of(step.directory);
            --parent.i_links_count;
            store(step.directory, parent);
            inode.i_links_count = 1; // its own entry goes with it
        }
        if (--inode.i_links_count > 0) {
            store(file, inode);
        } else {
            free_inode(file, inode);
        }
    }
}

void Ext4Volume::free_inode(Inode file, ext2_inode_large& inode) {
    check(ext2fs_free_ext_attr(system_, file, &inode), "free a file");
    if (ext2fs_inode_has_valid_blocks2(system_, plain(inode)) != 0) {
        check(ext2fs_punch(system_, file, plain(inode), nullptr, 0, ~0ULL), "free a file");
    }
    inode.i_links_count = 0;
    inode.i_dtime = static_cast<__u32>(::time(nullptr));
    store(file, inode);
    ext2fs_inode_alloc_stats2(system_, file, -1, S_ISDIR(inode.i_mode) ? 1 : 0);
}

void Ext4Volume::set_attributes(Inode file, const FileAttributes& attributes) {
    set_xattrs(file, attributes);
    auto inode = inode_of(file);
    inode.i_mode = static_cast<__u16>((inode.i_mode & S_IFMT) | (attributes.permissions & 07777U));
    inode.i_uid = static_cast<__u16>(attributes.user);
    ext2fs_set_i_uid_high(inode, static_cast<__u16>(attributes.user >> 16U));
    inode.i_gid = static_cast<__u16>(attributes.group);
    ext2fs_set_i_gid_high(inode, static_cast<__u16>(attributes.group >> 16U));
    const auto seconds = static_cast<__u32>(attributes.modified.tv_sec);
    inode.i_mtime = inode.i_ctime = inode.i_atime = inode.i_crtime = seconds;
    inode.i_mtime_extra = inode.i_ctime_extra = inode.i_atime_extra = inode.i_crtime_extra =
        extra_of(attributes.modified);
    store(file, inode);
}

void Ext4Volume::set_xattrs(Inode file, const FileAttributes& attributes) {
    if (attributes.xattrs.empty() && !is_special(file)) {
        return;
    }
    const Xattrs xattrs(system_, file);
    check(xattrs.failed(), "open attributes");
    // Written as they are, unread: none.
    check(ext2fs_xattrs_write(xattrs.get()), "remove attributes");
    for (const auto& [name, value] : attributes.xattrs) {
        check(ext2fs_xattr_set(xattrs.get(), name.c_str(), value.data(), value.size()),
              "set the attribute", name);
    }
}

void Ext4Volume::write(Inode file, const std::function<std::size_t(char*, std::size_t)>& next) {
    ext2_file_t opened = nullptr;
    check(ext2fs_file_open(system_, file, EXT2_FILE_WRITE, &opened), "open a file");
    const Handle<ext2_file, ext2fs_file_close> closing(opened);
    std::array<char, std::size_t{1} << 16U> buffer{};
    std::uint64_t size = 0;
    for (;;) {
        std::size_t filled = 0;
        for (std::size_t count = 1; count != 0 && filled < buffer.size(); filled += count) {
            count = next(buffer.data() + filled, buffer.size() - filled);
        }
        if (filled == 0) {
            break;
        }
        const bool hole = std::all_of(buffer.begin(), buffer.begin() + static_cast<long>(filled),
                                      [](char byte) { return byte == 0; });
        if (!hole) {
            unsigned written = 0;
            check(ext2fs_file_llseek(opened, size, EXT2_SEEK_SET, nullptr), "write a file");
            check(ext2fs_file_write(opened, buffer.data(), static_cast<unsigned>(filled), &written),
                  "write a file");
        }
        size += filled;
    }
    check(ext2fs_file_set_size2(opened, size), "write a file");
    check(ext2fs_file_flush(opened), "write a file");
}

std::uint64_t Ext4Volume::free_blocks() const {
    return ext2fs_free_blocks_count(system_->super);
}

std::uint64_t Ext4Volume::free_inodes() const {
    return system_->super->s_free_inodes_count;
}

std::uint64_t Ext4Volume::block_size() const {
    return system_->blocksize;
}

void Ext4Volume::finish() {
    check(ext2fs_close_free(&system_), "write the file system of a root");
}

} // namespace lab::images
