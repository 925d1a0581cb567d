// SPDX-License-Identifier: Apache-2.0
#include "engine/disk_space.h"

#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::engine {
namespace {

using testing::HasSubstr;

/// A guest that has written 64 KiB.
class DiskSpace : public testing::Test {
protected:
    DiskSpace() { write_file(files_[0], std::string(64 << 10, 'x')); }

    [[nodiscard]] static RoomAt room(Bytes size, Bytes free) {
        return [=](const std::filesystem::path&) {
            return DiskRoom{size, free};
        };
    }

    TemporaryDirectory directory_{"/tmp", "lab-"};
    std::vector<std::filesystem::path> files_{directory_.path() / "root",
                                              directory_.path() / "log"};
};

TEST_F(DiskSpace, LowWaterIsTwoGibibytesOrATwentiethOfASmallFileSystem) {
    EXPECT_EQ(low_water({gibibytes(1000), {}}), gibibytes(2));
    EXPECT_EQ(low_water({gibibytes(40), {}}), gibibytes(2));
    EXPECT_EQ(low_water({gibibytes(20), {}}), gibibytes(1));
}

TEST_F(DiskSpace, EndsAGuestWhoseFilesTakeMoreThanWhatIsLeft) {
    const auto why = fills_the_disk(files_, room(mebibytes(1), Bytes{32 << 10}));

    ASSERT_TRUE(why);
    EXPECT_THAT(*why, HasSubstr("its files take "));
    EXPECT_THAT(*why, HasSubstr("with only 32.0 KiB free at " + directory_.path().string()));
}

TEST_F(DiskSpace, SparesAGuestThatHasWrittenLittle) {
    EXPECT_FALSE(fills_the_disk(files_, room(gibibytes(100), gibibytes(1))));
    EXPECT_FALSE(fills_the_disk({files_[1]}, room(gibibytes(100), Bytes{0})));
}

TEST_F(DiskSpace, SparesAGuestWhileThereIsRoom) {
    EXPECT_FALSE(fills_the_disk(files_, room(mebibytes(1), Bytes{52'429})));
    EXPECT_FALSE(fills_the_disk(files_, [](const auto&) { return std::nullopt; }));
}

TEST_F(DiskSpace, LimitsFilesToWhatIsFreeWithoutHalfTheLowWater) {
    EXPECT_EQ(largest_file_beside(files_, room(gibibytes(100), gibibytes(11))),
              gibibytes(10) + Bytes{64 << 10});
    EXPECT_EQ(largest_file_beside(files_, room(gibibytes(100), mebibytes(1))), Bytes{64 << 10});
    EXPECT_EQ(largest_file_beside(files_, [](const auto&) { return std::nullopt; }), std::nullopt);
}

TEST_F(DiskSpace, AsksTheFileSystem) {
    const auto room = disk_room(directory_.path());

    ASSERT_TRUE(room);
    EXPECT_GT(room->size, room->free);
    EXPECT_FALSE(disk_room(directory_.path() / "not-there"));
}

} // namespace
} // namespace lab::engine
