// SPDX-License-Identifier: Apache-2.0
#include "images/initrd.h"
#include "images/keys.h"
#include "images/root_maker.h"
#include "images/store.h"
#include "tests/fakes/memory_image_index.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lab::images {
namespace {

namespace fs = std::filesystem;

class Root : public ::testing::Test {
protected:
    [[nodiscard]] fs::path path(const std::string& name) const { return directory_.path() / name; }

    TemporaryDirectory directory_{fs::temp_directory_path(), "lab-root-"};
};

TEST_F(Root, EmptyRecipeMakesAnExt4FileSystemAndOnlyOnce) {
    fakes::MemoryImageIndex index;
    const auto store = open_store(path("images"), index);
    const auto maker = make_root_maker(*store, {.accelerator = [] {
        ADD_FAILURE() << "no appliance is needed";
        return AcceleratorHint::tcg;
    }});
    ports::RootRequest request;
    request.machine.name = "test";
    request.machine.root.recipe = plan::RootRecipe::empty;
    request.machine.root.size = mebibytes(64);
    std::vector<std::string> phases;
    const auto make = [&] {
        return maker->make(request, [&](const std::string& line) { phases.push_back(line); },
                           nullptr, {});
    };

    const auto image = make();
    const auto count = phases.size();
    const auto again = make();

    EXPECT_EQ(image->key, maker->key_of(request));
    EXPECT_EQ(again->digest, image->digest);
    EXPECT_EQ(phases.size(), count);
    EXPECT_EQ(store->verify({}).front().problem, "");
    run_process_checked({.argv = {"qemu-img", "convert", "-f", "qcow2", "-O", "raw",
                                  image->disk().string(), path("raw").string()}});
    EXPECT_EQ(fs::file_size(path("raw")), 64U << 20U);
    run_process_checked({.argv = {"e2fsck", "-f", "-n", path("raw").string()}});
    const auto label = run_process_checked({.argv = {"e2label", path("raw").string()}});
    EXPECT_EQ(trim(label.out), "root");
}

TEST_F(Root, StoppedRequestLeavesNothing) {
    fakes::MemoryImageIndex index;
    const auto store = open_store(path("images"), index);
    const auto maker = make_root_maker(*store, {});
    ports::RootRequest request;
    request.machine.root.recipe = plan::RootRecipe::empty;
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW(static_cast<void>(maker->make(
                     request, [](const std::string&) {}, nullptr, stop.get_token())),
                 Cancelled);
    EXPECT_TRUE(index.images().empty());
    EXPECT_TRUE(fs::is_empty(path("images/tmp")));
}

/// A root file system that has just what an initrd is made from.
class Initrd : public Root {
protected:
    static constexpr const char* version = "6.1.0-18-test";

    Initrd() {
        add("boot/vmlinuz-6.1.0-9-test", "old kernel");
        add("boot/vmlinuz-6.1.0-18-test", "kernel");
        add("usr/bin/busybox", "busybox");
        add("usr/lib/modules/6.1.0-18-test/modules.dep",
            "kernel/a.ko.xz: kernel/b.ko\nkernel/b.ko:\n");
        add("usr/lib/modules/6.1.0-18-test/modules.builtin", "kernel/fs/ext4.ko\n");
        add("usr/lib/modules/6.1.0-18-test/kernel/b.ko", "module b");
        add("usr/lib/modules/6.1.0-18-test/kernel/a.ko", "module a");
        run_process_checked(
            {.argv = {"xz", path("root/usr/lib/modules/6.1.0-18-test/kernel/a.ko").string()}});
    }

    void add(const std::string& name, const std::string& content) const {
        fs::create_directories((path("root") / name).parent_path());
        write_file(path("root") / name, content);
    }

    std::string make(const std::vector<std::string>& modules) const {
        run_process_checked({.argv = {"tar", "-c", "--format=pax", "-f", path("root.tar").string(),
                                      "-C", path("root").string(), "."}});
        return make_boot_files({path("root.tar"), modules, path("kernel"), path("initrd")});
    }

    fs::path unpacked() const {
        fs::create_directory(path("unpacked"));
        run_process_checked({.argv = {"cpio", "-i", "-d", "--quiet", "--no-absolute-filenames",
                                      "-F", path("initrd").string()},
                             .directory = path("unpacked")});
        return path("unpacked");
    }
};

TEST_F(Initrd, HoldsTheNewestKernelsModulesInLoadOrder) {
    EXPECT_EQ(make({"a", "ext4"}), version);

    EXPECT_EQ(read_file(path("kernel")), "kernel");
    const auto tree = unpacked();
    EXPECT_EQ(read_file(tree / "modules/order"), "b.ko\na.ko\n");
    EXPECT_EQ(read_file(tree / "modules/a.ko"), "module a");
    EXPECT_EQ(read_file(tree / "modules/b.ko"), "module b");
    EXPECT_EQ(read_file(tree / "bin/busybox"), "busybox");
    run_process_checked({.argv = {"sh", "-n", (tree / "init").string()}});
    for (const char* name : {"init", "bin/busybox"}) {
        EXPECT_NE(fs::status(tree / name).permissions() & fs::perms::owner_exec, fs::perms::none);
    }
}

TEST_F(Initrd, IsTheSameBytesForTheSameInput) {
    static_cast<void>(make({"a"}));
    const auto first = read_file(path("initrd"));
    static_cast<void>(make({"a"}));

    EXPECT_EQ(read_file(path("initrd")), first);
}

TEST_F(Initrd, NamesWhatTheRootLacks) {
    const auto complaint = [&] {
        try {
            static_cast<void>(make({"a"}));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::bad_input);
            return std::string(error.what());
        }
        return std::string();
    };
    fs::remove(path("root/usr/bin/busybox"));
    EXPECT_NE(complaint().find("busybox"), std::string::npos);
    add("usr/bin/busybox", "busybox");
    fs::remove(path("root/usr/lib/modules/6.1.0-18-test/kernel/b.ko"));
    EXPECT_NE(complaint().find("b.ko"), std::string::npos);
    fs::remove_all(path("root/boot"));
    EXPECT_NE(complaint().find("kernel"), std::string::npos);
}

TEST_F(Root, LabKeysAreMadeOnceAndPrivate) {
    const auto first = lab_keys(path("state/keys"));
    const auto second = lab_keys(path("state/keys"));

    EXPECT_EQ(first.user_public_key, second.user_public_key);
    EXPECT_EQ(first.host_public_key, second.host_public_key);
    EXPECT_NE(first.user_public_key, first.host_public_key);
    EXPECT_EQ(first.host_public_key.rfind("ssh-ed25519 AAAA", 0), 0U);
    for (const auto& key : {first.user_key, first.host_key}) {
        struct stat status {};
        ASSERT_EQ(::stat(key.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777U, 0600U);
    }
}

} // namespace
} // namespace lab::images
