// SPDX-License-Identifier: Apache-2.0
#include "images/layer_writer.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/user_namespace.h"
#include "images/ext4.h"
#include "images/qemu_img.h"
#include "images/tree_store.h"

#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace lab::images {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t many = 3000; // more than a directory's first block holds

void make_text(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

/// A root with some files, and what a container wrote over it.
class Layer : public ::testing::Test {
protected:
    void SetUp() override {
        base_ = home_.path() / "base";
        make_text(base_ / "etc/old", "old\n");
        make_text(base_ / "etc/changed", "before\n");
        make_text(base_ / "etc/hostname", "lab's\n");
        make_text(base_ / "lib/tree/deep/file", "deep\n");
        make_text(base_ / "opaque/hidden", "hidden\n");
        make_text(base_ / "twice", "one\n");
        fs::create_hard_link(base_ / "twice", base_ / "again");
    }

    /// Writes the layer; what write_layer() says.
    std::optional<std::string> write(Bytes size = mebibytes(64)) {
        const auto root = home_.path() / "root.qcow2";
        make_ext4({.disk = root, .work = home_.path(), .size = size, .content = base_}, {});
        create_overlay(root, disk_);
        const auto archive = home_.path() / "layer";
        trees_->pack(*place_, archive, {});
        return write_layer({archive, disk_, home_.path(), {"/etc/hostname"}}, {});
    }

    /// What debugfs says of the disk.
    std::string ask(const std::string& question) {
        const auto raw = home_.path() / "raw";
        if (!fs::exists(raw)) {
            convert({disk_}, {raw, plan::ImageFormat::raw}, {});
            const auto checked = run_process({.argv = {"e2fsck", "-fn", raw.string()}});
            EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
        }
        return run_process({.argv = {"debugfs", "-R", question, raw.string()}}).out;
    }

    TemporaryDirectory home_{fs::temp_directory_path(), "lab-l-"};
    fs::path base_;
    fs::path disk_ = home_.path() / "disk.qcow2";
    std::unique_ptr<ports::TreeStore> trees_ = open_tree_store(home_.path() / "trees");
    std::unique_ptr<ports::Workspace> place_ = trees_->begin_workspace();
    fs::path upper_ = place_->upper();
};

TEST_F(Layer, KeepsWhatItDoesNotTouch) {
    make_text(upper_ / "new", "new\n");

    EXPECT_EQ(write(), std::nullopt);

    EXPECT_EQ(ask("cat /etc/old"), "old\n");
    EXPECT_EQ(ask("cat /new"), "new\n");
    EXPECT_THAT(ask("stat /twice"), HasSubstr("Links: 2"));
}

TEST_F(Layer, BringsModesLinksTimesAndContent) {
    make_text(upper_ / "etc/changed", "after\n");
    make_text(upper_ / "mode", "");
    ::chmod((upper_ / "mode").c_str(), 06751);
    const timespec times[]{{0, 0}, {1'000'000'000, 5}};
    ::utimensat(AT_FDCWD, (upper_ / "mode").c_str(), times, 0);
    ::symlink("short", (upper_ / "link").c_str());
    const std::string long_target(200, 'x');
    ::symlink(long_target.c_str(), (upper_ / "long-link").c_str());
    make_text(upper_ / "a", "same\n");
    fs::create_hard_link(upper_ / "a", upper_ / "b");
    ::mkfifo((upper_ / "pipe").c_str(), 0640);
    make_text(upper_ / "big", std::string(900'000, 'b'));
    make_text(upper_ / "q\"uote\nline", "odd\n");
    fs::create_directories(upper_ / "sticky");
    ::chmod((upper_ / "sticky").c_str(), 01777);

    EXPECT_EQ(write(), std::nullopt);

    EXPECT_EQ(ask("cat /etc/changed"), "after\n");
    const auto mode = ask("stat /mode");
    EXPECT_THAT(mode, HasSubstr("Mode:  06751"));
    EXPECT_THAT(mode, HasSubstr("mtime: 0x3b9aca00:00000014"));
    EXPECT_THAT(ask("stat /link"), HasSubstr("Fast link dest: \"short\""));
    EXPECT_EQ(ask("cat /long-link"), long_target);
    EXPECT_THAT(ask("stat /b"), HasSubstr("Links: 2"));
    EXPECT_EQ(ask("cat /b"), "same\n");
    EXPECT_THAT(ask("stat /pipe"), HasSubstr("Type: FIFO    Mode:  0640"));
    EXPECT_EQ(ask("cat /big"), std::string(900'000, 'b'));
    EXPECT_THAT(ask("ls -p /"), HasSubstr("q\"uote"));
    EXPECT_THAT(ask("stat /sticky"), HasSubstr("Mode:  01777"));
}

TEST_F(Layer, BringsAttributesWithTheIdsOfTheContainer) {
    make_text(upper_ / "marked", "x");
    ASSERT_EQ(::setxattr((upper_ / "marked").c_str(), "user.mark", "value", 5, 0), 0);
    const std::uint32_t id = container_root() + 7;
    std::string list("\2\0\0\0"
                     "\1\0\6\0\xff\xff\xff\xff"
                     "\2\0\4\0....",
                     20);
    list.replace(16, 4, std::string(reinterpret_cast<const char*>(&id), 4)); // NOLINT
    list += std::string("\4\0\4\0\xff\xff\xff\xff"
                        "\20\0\4\0\xff\xff\xff\xff"
                        "\40\0\4\0\xff\xff\xff\xff",
                        24);
    const int listed = ::setxattr((upper_ / "marked").c_str(), "system.posix_acl_access",
                                  list.data(), list.size(), 0);

    EXPECT_EQ(write(), std::nullopt);

    EXPECT_THAT(ask("ea_get /marked user.mark"), HasSubstr("value"));
    if (listed == 0) {
        EXPECT_THAT(ask("ea_get -x /marked system.posix_acl_access"),
                    HasSubstr("02 00 04 00 07 00 00 00"));
    }
}

TEST_F(Layer, RemovesWhatTheContainerRemoved) {
    fs::create_directories(upper_ / "lib");
    fs::create_directories(upper_ / "opaque");
    make_text(upper_ / "opaque/seen", "seen\n");
    ASSERT_EQ(::setxattr((upper_ / "opaque").c_str(), "user.overlay.opaque", "y", 1, 0), 0);
    for (const char* name : {"lib/tree", "again"}) {
        if (::mknod((upper_ / name).c_str(), S_IFCHR, 0) != 0) {
            GTEST_SKIP() << "the marks of overlayfs need root";
        }
    }

    EXPECT_EQ(write(), std::nullopt);

    EXPECT_THAT(ask("ls -p /lib"), Not(HasSubstr("tree")));
    EXPECT_THAT(ask("ls -p /opaque"), testing::AllOf(HasSubstr("seen"), Not(HasSubstr("hidden"))));
    EXPECT_THAT(ask("stat /twice"), HasSubstr("Links: 1"));
}

TEST_F(Layer, BringsOwnersAndDevices) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    make_text(upper_ / "owned", "x");
    ::lchown((upper_ / "owned").c_str(), container_root() + 7, container_root() + 40000);
    ::mknod((upper_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3));
    ::mknod((upper_ / "disk").c_str(), S_IFBLK | 0600, makedev(259, 70000));

    EXPECT_EQ(write(), std::nullopt);

    EXPECT_THAT(ask("stat /owned"), HasSubstr("User:     7   Group: 40000"));
    EXPECT_THAT(ask("stat /null"), HasSubstr("Device major/minor number: 01:03"));
    EXPECT_THAT(ask("stat /disk"), HasSubstr("Device major/minor number: 259:70000"));
}

TEST_F(Layer, FillsDirectoriesThatGrow) {
    for (std::size_t i = 0; i < many; ++i) {
        make_text(upper_ / "full" / ("file-with-a-long-name-" + std::to_string(i)), "x");
    }

    EXPECT_EQ(write(), std::nullopt);

    EXPECT_EQ(ask("cat /full/file-with-a-long-name-2999"), "x");
}

TEST_F(Layer, IsNotWrittenWhereARootHasTooLittleRoom) {
    std::string noise(30'000'000, 'n');
    make_text(upper_ / "large", noise);

    EXPECT_THAT(write(mebibytes(16)).value_or(""), HasSubstr("too little room"));

    EXPECT_THAT(ask("ls -p /"), Not(HasSubstr("large")));
}

TEST_F(Layer, IsNotWrittenWhereTheContainerSawLessThanAMachine) {
    make_text(upper_ / "etc/hostname", "mine\n");

    EXPECT_THAT(write().value_or(""), HasSubstr("'/etc/hostname' is changed"));
}

TEST_F(Layer, DoesNotPartNamesOfOneFile) {
    make_text(upper_ / "twice", "two\n");

    EXPECT_THAT(write().value_or(""), HasSubstr("other names"));
}

TEST_F(Layer, FollowsNoLinkOutOfTheRoot) {
    const auto archive = home_.path() / "hostile";
    const auto files = home_.path() / "files";
    make_text(files / "x", "x");
    run_process_checked({.argv = {"tar", "-cf", archive.string(), "-C", files.string(),
                                  "--transform=s|x|../../x|", "-P", "x"}});
    const auto root = home_.path() / "root.qcow2";
    make_ext4({.disk = root, .work = home_.path(), .size = mebibytes(16)}, {});
    create_overlay(root, disk_);

    EXPECT_THROW(static_cast<void>(write_layer({archive, disk_, home_.path(), {}}, {})), Error);
}

TEST_F(Layer, LeavesNoServerBehind) {
    make_text(upper_ / "new", "new\n");

    EXPECT_EQ(write(), std::nullopt);

    EXPECT_FALSE(fs::exists(home_.path() / "nbd"));
}

} // namespace
} // namespace lab::images
