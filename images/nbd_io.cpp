// SPDX-License-Identifier: Apache-2.0
#include "images/nbd_io.h"

#include <cstdlib>

namespace lab::images {
namespace {

/// libext2fs hands a name alone to what opens a channel.
thread_local NbdDisk* disk_to_open = nullptr;

NbdDisk& disk_of(io_channel channel) {
    return *static_cast<NbdDisk*>(channel->private_data);
}

/// A negative count is one of bytes.
std::size_t bytes_of(io_channel channel, int count) {
    return count < 0
               ? static_cast<std::size_t>(-static_cast<long>(count))
               : static_cast<std::size_t>(count) * static_cast<std::size_t>(channel->block_size);
}

std::uint64_t offset_of(io_channel channel, unsigned long long block) {
    return block * static_cast<unsigned long long>(channel->block_size);
}

errcode_t read_blocks(io_channel channel, unsigned long long block, int count, void* data) {
    return disk_of(channel).read(offset_of(channel, block), data, bytes_of(channel, count));
}

errcode_t write_blocks(io_channel channel, unsigned long long block, int count, const void* data) {
    return disk_of(channel).write(offset_of(channel, block), data, bytes_of(channel, count));
}

errcode_t read_short(io_channel channel, unsigned long block, int count, void* data) {
    return read_blocks(channel, block, count, data);
}

errcode_t write_short(io_channel channel, unsigned long block, int count, const void* data) {
    return write_blocks(channel, block, count, data);
}

errcode_t set_block_size(io_channel channel, int size) {
    channel->block_size = size;
    return 0;
}

errcode_t flush_channel(io_channel channel) {
    return disk_of(channel).flush();
}

errcode_t close_channel(io_channel channel) {
    if (--channel->refcount > 0) {
        return 0;
    }
    const errcode_t failed = flush_channel(channel);
    std::free(channel->name); // both as libext2fs would
    std::free(channel);
    return failed;
}

errcode_t open_channel(const char* name, int /*flags*/, io_channel* opened);

struct_io_manager make_manager() {
    struct_io_manager manager{};
    manager.magic = EXT2_ET_MAGIC_IO_MANAGER;
    manager.name = "nbd";
    manager.open = open_channel;
    manager.close = close_channel;
    manager.set_blksize = set_block_size;
    manager.read_blk = read_short;
    manager.write_blk = write_short;
    manager.flush = flush_channel;
    manager.read_blk64 = read_blocks;
    manager.write_blk64 = write_blocks;
    return manager;
}

io_manager manager() {
    static struct_io_manager one = make_manager();
    return &one;
}

errcode_t open_channel(const char* name, int /*flags*/, io_channel* opened) {
    auto* channel = static_cast<io_channel>(std::calloc(1, sizeof(struct_io_channel)));
    if (channel == nullptr) {
        return EXT2_ET_NO_MEMORY;
    }
    channel->magic = EXT2_ET_MAGIC_IO_CHANNEL;
    channel->manager = manager();
    channel->name = ::strdup(name);
    channel->block_size = 1024;
    channel->refcount = 1;
    channel->private_data = disk_to_open;
    *opened = channel;
    return 0;
}

} // namespace

errcode_t open_file_system(NbdDisk& disk, ext2_filsys* opened) {
    disk_to_open = &disk;
    const errcode_t failed =
        ext2fs_open("disk", EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, 0, manager(), opened);
    disk_to_open = nullptr;
    return failed;
}

} // namespace lab::images
