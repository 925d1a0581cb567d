// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/sut_state.h"

#include "base/error.h"
#include "engine/suts/kernel_image.h"

#include <gtest/gtest.h>

namespace lab::engine {
namespace {

TEST(SutState, IsReadFromWhatTheMachineSays) {
    const auto state = state_from("m", "boot_id b1\nrelease 6.1.0\nversion #1 SMP x\n"
                                       "cmdline root=/dev/vda ro lab.boot=0af1 panic=10 quiet\n"
                                       "notes 040000000400000003000000474e5500aabbccdd\n");

    EXPECT_EQ(state.boot_id, "b1");
    EXPECT_EQ(state.release, "6.1.0");
    EXPECT_EQ(state.version, "#1 SMP x");
    EXPECT_EQ(state.nonce(), "0af1");
    EXPECT_EQ(state.build_id, "aabbccdd");
}

TEST(SutState, IsReadFromWhatFreeBsdSays) {
    const auto own = state_from("m", "boot_id b1\nsystem FreeBSD\nrelease 14.1-RELEASE\n"
                                     "version FreeBSD 14.1 GENERIC\ncmdline \nbuild_id 0011aa\n");
    const auto ours = state_from("m", "boot_id b2\nsystem FreeBSD\nrelease 14.1-RELEASE\n"
                                      "version x\ncmdline lab.boot=0af1\nbuild_id ?\n");

    EXPECT_EQ(own.system, "FreeBSD");
    EXPECT_EQ(own.nonce(), "");
    EXPECT_EQ(own.build_id, "0011aa");
    EXPECT_EQ(ours.nonce(), "0af1");
    EXPECT_EQ(ours.build_id, "");
}

TEST(SutState, IsNoneWithoutBootIdAndRelease) {
    EXPECT_THROW(static_cast<void>(state_from("m", "boot_id \nrelease 6.1\n")), Error);
    EXPECT_THROW(static_cast<void>(state_from("m", "")), Error);
}

TEST(SutState, FindsTheBuildIdBehindOtherNotes) {
    // A note of Xen's with an odd size comes first.
    EXPECT_EQ(build_id_in("04000000030000000600000058656e00112233"
                          "00"
                          "040000000400000003000000474e5500aabbccdd"),
              "aabbccdd");
    EXPECT_EQ(build_id_in(""), "");
    EXPECT_EQ(build_id_in("ffffffffffffffff03000000474e5500"), "");
    EXPECT_EQ(build_id_in("zz"), "");
}

TEST(OneBootCmdline, IsThatOfTheMachineWithTheProfilesWordsBehind) {
    EXPECT_EQ(one_boot_cmdline("BOOT_IMAGE=/vmlinuz root=UUID=1 ro  quiet", "n1", {"a=b c", "d"}),
              "root=UUID=1 ro quiet lab.boot=n1 panic=10 a=b c d");
}

TEST(OneBootCmdline, LeavesOutWhatAnEarlierBootAdded) {
    EXPECT_EQ(one_boot_cmdline("root=UUID=1 lab.boot=n1 panic=10 old=1", "n2", {}),
              "root=UUID=1 lab.boot=n2 panic=10");
}

TEST(OneBootCmdline, RefusesWordsThatABootLoaderWouldChange) {
    for (const auto* word : {"a='b'", "a=\"b\"", "a\x01"}) {
        EXPECT_THROW(static_cast<void>(one_boot_cmdline("ro", "n", {word})), Error) << word;
    }
}

std::string image_with(const std::string& version) {
    std::string image(0x400, '\0');
    image.replace(0x202, 4, "HdrS");
    image[0x20e] = '\x10';
    image[0x20f] = '\x01';
    image.replace(0x310, version.size(), version);
    return image;
}

TEST(KernelImage, TellsTheNameInTheHeaderOfABzImage) {
    const auto name = kernel_name_in(
        image_with("6.1.0-9-amd64 (debian-kernel@lists.debian.org) #1 SMP Debian 6.1.27-1"));

    ASSERT_TRUE(name);
    EXPECT_EQ(name->release, "6.1.0-9-amd64");
    EXPECT_EQ(name->version, "#1 SMP Debian 6.1.27-1");
}

TEST(KernelImage, HasNoNameWhenItIsAnotherKindOfFile) {
    EXPECT_FALSE(kernel_name_in(""));
    EXPECT_FALSE(kernel_name_in(std::string(0x210, 'x')));
    EXPECT_FALSE(kernel_name_in(image_with("nonsense")));
    auto behind = image_with("6.1 (x) #1");
    behind[0x20f] = '\x7f';
    EXPECT_FALSE(kernel_name_in(behind));
}

} // namespace
} // namespace lab::engine
