// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/process.h"
#include "images/ext4.h"
#include "images/layer_merge.h"
#include "images/layer_writer.h"
#include "images/qemu_img.h"
#include "images/store.h"
#include "images/tree_store.h"
#include "tests/fakes/memory_image_index.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <random>
#include <unistd.h>

namespace lab::images {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// A file system of 32 MiB, and a layer of 48 MiB that nobody can compress.
class FullDisk : public ::testing::Test {
protected:
    void SetUp() override {
        const auto image = home_.path() / "small";
        std::ofstream(image).close();
        fs::resize_file(image, 32U << 20U);
        fs::create_directories(small_);
        run_process_checked({.argv = {"mkfs.ext4", "-q", "-m", "0", image.string()}});
        mounted_ = run_process({.argv = {"mount", "-o", "loop", image.string(), small_.string()}})
                       .exit_code == 0;
        if (!mounted_) {
            GTEST_SKIP() << "a file system cannot be mounted here";
        }
        std::mt19937 random(7); // NOLINT: the same bytes each time
        std::string bytes(48U << 20U, '\0');
        std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
        place_ = elsewhere_->begin_workspace();
        std::ofstream(place_->upper() / "large", std::ios::binary) << bytes;
        std::ofstream(place_->upper() / "later") << "not written, either";
        elsewhere_->pack(*place_, archive_, {});
    }

    void TearDown() override {
        if (mounted_) {
            run_process_checked({.argv = {"umount", small_.string()}});
        }
    }

    /// What an attempt says, in one line.
    template <class Attempt>
    static std::string said_by(const Attempt& attempt) {
        try {
            attempt();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::infra);
            EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
            return error.what();
        }
        return "nothing";
    }

    std::vector<std::string> left_in(const fs::path& directory) {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(directory)) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }

    TemporaryDirectory home_{fs::temp_directory_path(), "lab-f-"};
    fs::path small_ = home_.path() / "mounted";
    bool mounted_ = false;
    fs::path archive_ = home_.path() / "tree.tar.zst";
    std::unique_ptr<ports::TreeStore> elsewhere_ = open_tree_store(home_.path() / "trees");
    std::unique_ptr<ports::Workspace> place_;
};

TEST_F(FullDisk, EndsUnpackingALayer) {
    const auto trees = open_tree_store(small_ / "trees");
    ports::Image image;
    image.kind = ports::ImageKind::build;
    image.directory = home_.path();
    image.digest = std::string(64, 'a');

    EXPECT_THAT(said_by([&] { static_cast<void>(trees->unpack(image, {})); }),
                HasSubstr("No space left on device"));

    EXPECT_THAT(left_in(small_ / "trees"), testing::ElementsAre("boot"));
}

TEST_F(FullDisk, EndsPackingALayer) {
    fakes::MemoryImageIndex index;
    const auto store = open_store(small_ / "images", index);
    {
        const auto draft = store->begin({.kind = ports::ImageKind::build,
                                         .key = std::string(64, 'b'),
                                         .content = ports::Content::tree});

        EXPECT_THAT(
            said_by([&] { elsewhere_->pack(*place_, draft->directory() / "tree.tar.zst", {}); }),
            HasSubstr("No space left on device"));
    }

    EXPECT_THAT(left_in(small_ / "images/tmp"), testing::IsEmpty());
}

TEST_F(FullDisk, EndsMakingADiskOfABuild) {
    fakes::MemoryImageIndex index;
    const auto store = open_store(small_ / "images", index);
    {
        const auto draft =
            store->begin({.kind = ports::ImageKind::disk, .key = std::string(64, 'c')});

        EXPECT_THAT(said_by([&] { draft->take_disk(place_->upper() / "large", {}); }),
                    HasSubstr("No space left on device"));
    }

    EXPECT_THAT(left_in(small_ / "images/tmp"), testing::IsEmpty());
}

TEST_F(FullDisk, EndsWritingAnInstall) {
    const auto root = home_.path() / "root.qcow2";
    make_ext4({.disk = root, .work = home_.path(), .size = mebibytes(256)}, {});
    create_overlay(root, small_ / "disk.qcow2");

    EXPECT_THAT(
        said_by([&] {
            static_cast<void>(write_layer({archive_, small_ / "disk.qcow2", small_, {}}, {}));
        }),
        HasSubstr("No space left on device"));

    EXPECT_FALSE(fs::exists(small_ / "nbd"));
}

TEST_F(FullDisk, EndsFlattening) {
    EXPECT_THAT(
        said_by([&] {
            static_cast<void>(merge_layers({archive_, archive_}, small_ / "tree.tar.zst", {}));
        }),
        HasSubstr("No space left on device"));
}

} // namespace
} // namespace lab::images
