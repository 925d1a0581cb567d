// SPDX-License-Identifier: Apache-2.0
#include "images/initrd.h"

#include "base/error.h"
#include "base/files.h"
#include "images/archive.h"
#include "images/kernel_modules.h"
#include "images/root_tar.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace lab::images {
namespace {

/// PID 1 of the initrd. The wait is for disks that appear after their driver.
constexpr std::string_view init_script = R"(#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t devtmpfs -o mode=0755 devtmpfs /dev
$bb mount -t proc proc /proc
exec </dev/console >/dev/console 2>&1
while read -r module; do
	$bb insmod "/modules/$module"
done </modules/order
root=/dev/vda
init=/sbin/init
read -r cmdline </proc/cmdline
for word in $cmdline; do
	case $word in
	root=*) root=${word#root=} ;;
	init=*) init=${word#init=} ;;
	esac
done
tries=0
while [ ! -b "$root" ] && [ $tries -lt 1000 ]; do
	$bb usleep 10000
	tries=$((tries + 1))
done
$bb mount -t ext4 -o rw,noatime "$root" /root
$bb mount --move /dev /root/dev
$bb umount /proc
exec $bb switch_root /root "$init"
)";

constexpr std::string_view kernel_prefix = "boot/vmlinuz-";

/// The files of a root's tar that matter here.
struct Inventory {
    std::string version;          ///< of the newest kernel
    std::string module_directory; ///< "usr/lib/modules/<version>/"
    std::string busybox;
};

Inventory take_inventory(const std::filesystem::path& tar) {
    std::vector<std::string> versions;
    std::set<std::string> tables;
    Inventory inventory;
    for_each_file(tar, [&](const std::string& name) {
        if (name.rfind(kernel_prefix, 0) == 0) {
            versions.push_back(name.substr(kernel_prefix.size()));
        } else if (name == "bin/busybox" || name == "usr/bin/busybox") {
            inventory.busybox = name;
        } else if (name.size() > 12 && name.compare(name.size() - 12, 12, "/modules.dep") == 0) {
            tables.insert(name);
        }
    });
    if (versions.empty() || inventory.busybox.empty()) {
        throw Error(ErrorCode::bad_input,
                    std::string("root.packages: the root holds no ") +
                        (versions.empty() ? "kernel" : "busybox") +
                        " (needed: a linux-image package and busybox-static)");
    }
    inventory.version = *std::max_element(versions.begin(), versions.end(), version_less);
    for (const std::string prefix : {"usr/lib/modules/", "lib/modules/"}) {
        if (tables.count(prefix + inventory.version + "/modules.dep") != 0) {
            inventory.module_directory = prefix + inventory.version + "/";
        }
    }
    if (inventory.module_directory.empty()) {
        throw Error(ErrorCode::bad_input,
                    "root.packages: the root holds no modules of kernel " + inventory.version);
    }
    return inventory;
}

/// Writes a cpio archive in which nothing depends on the time or the file system of the host.
class InitrdWriter {
public:
    explicit InitrdWriter(const std::filesystem::path& file)
        : name_(file.string()), writer_(archive_write_new()) {
        archive_write_set_format_cpio_newc(writer_.get());
        archive_write_add_filter_none(writer_.get());
        if (archive_write_open_filename(writer_.get(), name_.c_str()) != ARCHIVE_OK) {
            throw archive_error(writer_.get(), "create", name_);
        }
    }

    void add_directory(const std::string& name) { add_header(name, AE_IFDIR, 0); }

    void add_file(const std::string& name, std::string_view content) {
        add_header(name, AE_IFREG, content.size());
        const auto count = archive_write_data(writer_.get(), content.data(), content.size());
        if (count < 0 || static_cast<std::size_t>(count) != content.size()) {
            throw archive_error(writer_.get(), "write", name_);
        }
    }

    void finish() {
        if (archive_write_close(writer_.get()) != ARCHIVE_OK) {
            throw archive_error(writer_.get(), "write", name_);
        }
    }

private:
    void add_header(const std::string& name, __LA_MODE_T type, std::size_t size) {
        const ArchiveEntry entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_filetype(entry.get(), type);
        archive_entry_set_perm(entry.get(), 0755);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
        archive_entry_set_mtime(entry.get(), 0, 0);
        archive_entry_set_nlink(entry.get(), type == AE_IFDIR ? 2 : 1);
        archive_entry_set_ino64(entry.get(), ++inode_);
        if (archive_write_header(writer_.get(), entry.get()) != ARCHIVE_OK) {
            throw archive_error(writer_.get(), "write", name_);
        }
    }

    std::string name_;
    WriteArchive writer_;
    la_int64_t inode_ = 0;
};

std::string file_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// The module's name in the initrd: as in the root, without the suffix of a compression.
std::string uncompressed_name(const std::string& path) {
    const auto name = file_name(path);
    return name.substr(0, name.find(".ko")) + ".ko";
}

using Members = std::map<std::string, std::string>;

const std::string& require(const Members& members, const std::string& name) {
    const auto found = members.find(name);
    if (found == members.end()) {
        throw Error(ErrorCode::bad_input, "root.packages: the root holds no file '" + name + "'");
    }
    return found->second;
}

} // namespace

std::string make_boot_files(const BootFilesRequest& request) {
    const auto inventory = take_inventory(request.root_tar);
    const auto& directory = inventory.module_directory;
    const auto tables =
        read_members(request.root_tar, {directory + "modules.dep", directory + "modules.builtin"});
    const KernelModules modules(require(tables, directory + "modules.dep"),
                                require(tables, directory + "modules.builtin"));
    const auto order = modules.load_order(request.modules);

    const auto kernel = std::string(kernel_prefix) + inventory.version;
    std::set<std::string> wanted{kernel, inventory.busybox};
    std::transform(order.begin(), order.end(), std::inserter(wanted, wanted.end()),
                   [&](const std::string& file) { return directory + file; });
    const auto members = read_members(request.root_tar, wanted);
    write_file(request.kernel, require(members, kernel));

    InitrdWriter initrd(request.initrd);
    for (const char* name : {"bin", "dev", "modules", "proc", "root"}) {
        initrd.add_directory(name);
    }
    initrd.add_file("bin/busybox", require(members, inventory.busybox));
    initrd.add_file("init", init_script);
    std::string list;
    for (const auto& file : order) {
        const auto name = uncompressed_name(file);
        initrd.add_file("modules/" + name, decompressed(require(members, directory + file), file));
        list += name + "\n";
    }
    initrd.add_file("modules/order", list);
    initrd.finish();
    return inventory.version;
}

bool version_less(const std::string& a, const std::string& b) {
    return ::strverscmp(a.c_str(), b.c_str()) < 0;
}

} // namespace lab::images
