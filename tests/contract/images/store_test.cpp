// SPDX-License-Identifier: Apache-2.0
#include "images/qcow2_header.h"
#include "images/qemu_img.h"
#include "images/store.h"
#include "tests/fakes/memory_image_index.h"

#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/process.h"
#include "base/sha256.h"

#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace lab::images {
namespace {

namespace fs = std::filesystem;
using ports::ImageKind;
using ports::ImageLease;

std::string key_of(char digit) {
    return std::string(64, digit);
}

class ImageStore : public ::testing::Test {
protected:
    ImageStore() { reopen(); }

    void reopen() {
        store_.reset();
        store_ = open_store(root(), index_);
    }

    [[nodiscard]] fs::path root() const { return directory_.path() / "images"; }

    /// Publishes an image whose disk has `text` at an offset; an overlay when there is a parent.
    ImageLease publish(char digit, const ImageLease& parent, const std::string& text,
                       std::uint64_t offset = 0) {
        const auto draft = begin(digit, parent);
        write_at(draft->directory() / "disk.qcow2", text, offset);
        return draft->publish({{"commit", std::string(1, digit)}});
    }

    std::unique_ptr<ports::ImageDraft> begin(char digit, const ImageLease& parent = nullptr) {
        return store_->begin({.kind = ImageKind::build,
                              .key = key_of(digit),
                              .parent = parent,
                              .size = parent ? std::nullopt : std::optional(mebibytes(4))});
    }

    /// Writes into a disk as a guest would.
    static void write_at(const fs::path& disk, const std::string& text, std::uint64_t offset) {
        run_process_checked({.argv = {"qemu-io", "-f", "qcow2", "-c",
                                      "write -P " + std::to_string(int{text.at(0)}) + " " +
                                          std::to_string(offset) + " 64k",
                                      disk.string()}});
    }

    /// Digest of what a guest would read from the disk.
    std::string content(const fs::path& disk) const {
        const auto raw = directory_.path() / "raw";
        run_process_checked({.argv = {"qemu-img", "convert", "-f", "qcow2", "-O", "raw",
                                      disk.string(), raw.string()}});
        return sha256_of_file(raw);
    }

    std::string problem(char digit) {
        for (const auto& result : store_->verify({})) {
            if (result.image.key == key_of(digit)) {
                return result.problem;
            }
        }
        return "no such image";
    }

    [[nodiscard]] std::size_t drafts() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(root() / "tmp"), fs::directory_iterator()));
    }

    TemporaryDirectory directory_{fs::temp_directory_path(), "lab-store-"};
    fakes::MemoryImageIndex index_;
    std::unique_ptr<ports::ImageStore> store_;
};

TEST_F(ImageStore, PublishesReadOnlyFilesWithDigestAndRow) {
    const auto draft = begin('a');
    write_file(draft->directory() / "kernel", "k");
    write_file(draft->directory() / "initrd", "i");
    write_file(draft->directory() / "modules", "m");

    const auto image = draft->publish({{"vm", "build"}});

    EXPECT_EQ(image->directory, root() / "build" / key_of('a'));
    for (const auto& file : {image->disk(), image->kernel(), image->initrd(), image->modules()}) {
        struct stat status {};
        ASSERT_EQ(::stat(file.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777U, 0444U) << file;
    }
    EXPECT_EQ(index_.images().size(), 1U);
    EXPECT_EQ(image->labels.at("vm"), "build");
    EXPECT_EQ(drafts(), 0U);
    EXPECT_EQ(problem('a'), "");
}

TEST_F(ImageStore, FindsByKindAndKeyAlsoAfterARestart) {
    const auto made = publish('a', nullptr, "x");
    reopen();

    const auto found = store_->find(ImageKind::build, key_of('a'));

    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->digest, made->digest);
    EXPECT_EQ(store_->find(ImageKind::root, key_of('a')), nullptr);
    EXPECT_EQ(store_->find(ImageKind::build, key_of('b')), nullptr);
}

TEST_F(ImageStore, RemovesADraftThatIsDropped) {
    { const auto draft = begin('a'); }

    EXPECT_EQ(drafts(), 0U);
    EXPECT_EQ(store_->find(ImageKind::build, key_of('a')), nullptr);
}

TEST_F(ImageStore, FirstPublishedImageOfAKeyWins) {
    const auto first = begin('a');
    const auto second = begin('a');
    write_at(second->directory() / "disk.qcow2", "z", 0);

    const auto published = first->publish({});
    const auto again = second->publish({});

    EXPECT_EQ(again->digest, published->digest);
    EXPECT_EQ(problem('a'), "");
}

TEST_F(ImageStore, RefusesADraftWithForeignFiles) {
    const auto draft = begin('a');
    write_file(draft->directory() / "notes", "x");

    EXPECT_THROW(static_cast<void>(draft->publish({})), Error);
    EXPECT_EQ(store_->find(ImageKind::build, key_of('a')), nullptr);
}

TEST_F(ImageStore, OverlayHoldsItsParentsContentAndDepth) {
    const auto base = publish('a', nullptr, "x", 0);
    const auto child = publish('b', base, "y", 1 << 20);

    EXPECT_EQ(child->parent, base->key);
    EXPECT_EQ(child->depth, 1U);
    EXPECT_EQ(problem('b'), "");
    const auto overlay = directory_.path() / "overlay.qcow2";
    store_->make_overlay(*child, overlay);
    EXPECT_EQ(content(overlay), content(child->disk()));
    EXPECT_NE(content(child->disk()), content(base->disk()));
}

TEST_F(ImageStore, MayBeMovedAsAWhole) {
    const auto before = content(publish('b', publish('a', nullptr, "x"), "y", 1 << 20)->disk());
    store_.reset();
    const auto moved = directory_.path() / "moved";
    fs::rename(root(), moved);
    store_ = open_store(moved, index_);

    const auto image = store_->find(ImageKind::build, key_of('b'));

    ASSERT_NE(image, nullptr);
    EXPECT_EQ(content(image->disk()), before);
    EXPECT_EQ(problem('b'), "");
}

TEST_F(ImageStore, CollectsNeitherLeasedImagesNorTheirBackingFiles) {
    auto lease = publish('b', publish('a', nullptr, "x"), "y");
    static_cast<void>(publish('c', nullptr, "z"));

    const auto report = store_->collect({});

    ASSERT_EQ(report.removed.size(), 1U);
    EXPECT_EQ(report.removed[0].key, key_of('c'));
    EXPECT_EQ(report.freed, report.removed[0].size);
    EXPECT_EQ(report.kept_in_use.size(), 2U);
    EXPECT_FALSE(fs::exists(root() / "build" / key_of('c')));
    EXPECT_EQ(index_.images().size(), 2U);

    lease.reset();
    EXPECT_EQ(store_->collect({}).removed.size(), 2U);
    EXPECT_TRUE(index_.images().empty());
}

TEST_F(ImageStore, DraftKeepsItsParent) {
    auto base = publish('a', nullptr, "x");
    const auto draft = begin('b', base);
    base.reset();

    EXPECT_TRUE(store_->collect({}).removed.empty());
    EXPECT_EQ(draft->publish({})->parent, key_of('a'));
}

TEST_F(ImageStore, DryRunRemovesNothing) {
    static_cast<void>(publish('a', nullptr, "x"));

    const auto report = store_->collect({.dry_run = true});

    EXPECT_EQ(report.removed.size(), 1U);
    EXPECT_NE(store_->find(ImageKind::build, key_of('a')), nullptr);
}

TEST_F(ImageStore, VerifyNamesWhatIsWrong) {
    const auto base = publish('a', nullptr, "x");
    const auto image = publish('b', base, "y");
    const auto disk = image->disk();
    const auto good = read_file(disk);
    const auto put = [&](const std::string& bytes) {
        fs::permissions(disk, fs::perms{0644});
        std::ofstream(disk, std::ios::binary) << bytes;
        fs::permissions(disk, fs::perms{0444});
    };
    auto changed = good;
    changed.back() = static_cast<char>(changed.back() ^ 1);

    put(changed);
    EXPECT_NE(problem('b').find("has changed"), std::string::npos) << problem('b');
    put(good);
    EXPECT_EQ(problem('b'), "");
    fs::permissions(disk, fs::perms{0644});
    EXPECT_NE(problem('b').find("mode"), std::string::npos);
    fs::remove(disk);
    EXPECT_NE(problem('b').find("missing"), std::string::npos);
    fs::create_symlink("/etc/passwd", disk);
    EXPECT_NE(problem('b').find("not a regular file"), std::string::npos);
}

TEST_F(ImageStore, VerifyRefusesABackingFileThatTheIndexDoesNotHave) {
    const auto image = publish('a', nullptr, "x");
    const auto secret = directory_.path() / "secret";
    write_file(secret, std::string(65536, 's'));
    fs::permissions(image->disk(), fs::perms{0644});
    run_process_checked({.argv = {"qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b",
                                  secret.string(), image->disk().string()}});
    fs::permissions(image->disk(), fs::perms{0444});

    EXPECT_NE(problem('a').find("claims the backing file"), std::string::npos) << problem('a');
}

TEST_F(ImageStore, FlattenKeepsContentAndChildren) {
    const auto base = publish('a', nullptr, "x");
    const auto middle = publish('b', base, "y", 1 << 20);
    const auto leaf = publish('c', middle, "z", 2 << 20);
    const auto middle_content = content(middle->disk());
    const auto leaf_content = content(leaf->disk());

    store_->flatten(key_of('b'), {});

    const auto flat = store_->find(ImageKind::build, key_of('b'));
    EXPECT_EQ(flat->parent, "");
    EXPECT_EQ(flat->depth, 0U);
    EXPECT_EQ(store_->find(ImageKind::build, key_of('c'))->depth, 1U);
    EXPECT_EQ(content(flat->disk()), middle_content);
    EXPECT_EQ(content(leaf->disk()), leaf_content);
    for (const char digit : {'a', 'b', 'c'}) {
        EXPECT_EQ(problem(digit), "") << digit;
    }
    EXPECT_EQ(drafts(), 0U);
}

TEST_F(ImageStore, OpeningRemovesWhatACrashLeft) {
    static_cast<void>(publish('b', publish('a', nullptr, "x"), "y"));
    fs::create_directories(root() / "tmp/dead");
    write_file(root() / "tmp/dead/disk.qcow2", "x");
    fs::create_directories(root() / "build" / key_of('f'));
    fs::create_directories(root() / "build/notes");

    reopen();

    EXPECT_EQ(drafts(), 0U);
    EXPECT_FALSE(fs::exists(root() / "build" / key_of('f')));
    EXPECT_TRUE(fs::exists(root() / "build/notes"));
    EXPECT_EQ(store_->list(std::nullopt).size(), 2U);
}

TEST_F(ImageStore, OpeningKeepsADraftThatIsLocked) {
    fs::create_directories(root() / "tmp/alive");
    const FileDescriptor lock(::open((root() / "tmp/alive").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);

    reopen();

    EXPECT_EQ(drafts(), 1U);
}

TEST_F(ImageStore, OpeningDropsALostImageAndWhatIsBackedByIt) {
    static_cast<void>(publish('b', publish('a', nullptr, "x"), "y"));
    static_cast<void>(publish('c', nullptr, "z"));
    fs::remove_all(root() / "build" / key_of('a'));

    reopen();

    const auto left = store_->list(std::nullopt);
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0]->key, key_of('c'));
    EXPECT_FALSE(fs::exists(root() / "build" / key_of('b')));
}

/// The two states in which a crash can leave an exchange of disks.
class InterruptedFlatten : public ImageStore {
protected:
    InterruptedFlatten() {
        const auto image = publish('b', publish('a', nullptr, "x"), "y", 1 << 20);
        content_ = content(image->disk());
        row_ = *image;
        convert({image->disk()}, {flat()}, {});
    }

    [[nodiscard]] fs::path flat() const {
        return root() / "build" / key_of('b') / "flat--disk.qcow2";
    }

    void expect_same_content() {
        EXPECT_FALSE(fs::exists(flat()));
        const auto image = store_->find(ImageKind::build, key_of('b'));
        ASSERT_NE(image, nullptr);
        EXPECT_EQ(content(image->disk()), content_);
    }

    std::string content_;
    ports::Image row_;
};

TEST_F(InterruptedFlatten, IsUndoneBeforeTheRow) {
    reopen();

    expect_same_content();
    EXPECT_EQ(problem('b'), "");
    EXPECT_EQ(store_->find(ImageKind::build, key_of('b'))->parent, key_of('a'));
}

TEST_F(InterruptedFlatten, IsFinishedAfterTheRow) {
    row_.parent.clear();
    index_.put(row_);

    reopen();

    expect_same_content();
    EXPECT_EQ(read_qcow2_header(store_->find(ImageKind::build, key_of('b'))->disk()).backing_file,
              "");
}

} // namespace
} // namespace lab::images
