// SPDX-License-Identifier: Apache-2.0
#include "images/initrd.h"
#include "images/kernel_modules.h"

#include "base/error.h"

#include <gtest/gtest.h>

namespace lab::images {
namespace {

constexpr const char* dependencies = "kernel/virtio/virtio_pci.ko.xz: kernel/virtio/modern.ko "
                                     "kernel/virtio/virtio.ko kernel/virtio/ring.ko\n"
                                     "kernel/virtio/modern.ko:\n"
                                     "kernel/virtio/ring.ko:\n"
                                     "kernel/virtio/virtio.ko: kernel/virtio/ring.ko\n"
                                     "kernel/block/virtio-blk.ko: kernel/virtio/virtio.ko "
                                     "kernel/virtio/ring.ko\n"
                                     "kernel/loop/a.ko: kernel/loop/b.ko\n"
                                     "kernel/loop/b.ko: kernel/loop/a.ko\n";
constexpr const char* builtin = "kernel/fs/ext4/ext4.ko\n";

TEST(KernelModules, InsertsWhatIsNeededFirstAndEachOnce) {
    const KernelModules modules(dependencies, builtin);

    const auto order = modules.load_order({"virtio_pci", "virtio_blk"});

    EXPECT_EQ(order,
              (std::vector<std::string>{"kernel/virtio/ring.ko", "kernel/virtio/virtio.ko",
                                        "kernel/virtio/modern.ko", "kernel/virtio/virtio_pci.ko.xz",
                                        "kernel/block/virtio-blk.ko"}));
}

TEST(KernelModules, NeedsNothingForWhatIsBuiltIn) {
    EXPECT_TRUE(KernelModules(dependencies, builtin).load_order({"ext4"}).empty());
}

TEST(KernelModules, RefusesAnUnknownNameAndACircle) {
    const KernelModules modules(dependencies, builtin);

    EXPECT_THROW(static_cast<void>(modules.load_order({"nonsense"})), Error);
    EXPECT_THROW(static_cast<void>(modules.load_order({"a"})), Error);
}

TEST(VersionLess, ComparesNumbersAsNumbers) {
    EXPECT_TRUE(version_less("6.1.0-9-cloud-amd64", "6.1.0-18-cloud-amd64"));
    EXPECT_FALSE(version_less("6.10.1", "6.9.12"));
    EXPECT_FALSE(version_less("6.1", "6.1"));
}

} // namespace
} // namespace lab::images
