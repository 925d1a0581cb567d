// SPDX-License-Identifier: Apache-2.0
#include "images/ext4.h"

#include "base/process.h"
#include "base/user_namespace.h"
#include "images/qemu_img.h"

namespace lab::images {

void make_ext4(const Ext4Request& request, const std::stop_token& stop) {
    const auto raw = request.work / "root.raw";
    std::vector<std::string> argv{
        "mke2fs", "-q", "-t", "ext4", "-F", "-L", "root", "-m", "0", "-U",
        "6c616200-0000-4000-8000-000000000001", "-O", "^has_journal",
        // The file is new and reads as zeros: no table needs to be written, now or in the guest.
        "-E",
        "lazy_itable_init=1,assume_storage_prezeroed=1,root_owner=0:0,"
        "hash_seed=6c616200-0000-4000-8000-000000000002"};
    if (request.content) {
        argv.insert(argv.end(), {"-d", request.content->string()});
        argv = as_file_owner(std::move(argv));
    }
    argv.insert(argv.end(), {raw.string(), std::to_string(request.size.count / 1024) + "k"});
    run_process_checked({.argv = argv}, stop);
    convert({raw, plan::ImageFormat::raw}, {request.disk, plan::ImageFormat::qcow2}, stop);
    std::filesystem::remove(raw);
}

} // namespace lab::images
