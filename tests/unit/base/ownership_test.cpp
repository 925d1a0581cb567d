// SPDX-License-Identifier: Apache-2.0
#include "base/ownership.h"

#include "base/error.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Optional;

constexpr uid_t somebody_else = 65534;

class Ownership : public testing::Test {
protected:
    [[nodiscard]] fs::path make(const std::string& name, mode_t mode = 0644) const {
        write_file(directory_.path() / name, "x");
        ::chmod((directory_.path() / name).c_str(), mode);
        return directory_.path() / name;
    }

    TemporaryDirectory directory_{fs::temp_directory_path(), "own-"}; // below a sticky one
};

TEST_F(Ownership, OfTheCallersFilesIsHisAlone) {
    EXPECT_EQ(who_else_may_change(make("a")), std::nullopt);
    EXPECT_EQ(who_else_may_change(directory_.path()), std::nullopt);
    EXPECT_EQ(who_else_may_change("/"), std::nullopt);
}

TEST_F(Ownership, IsSharedWithThoseWhoMayWrite) {
    EXPECT_THAT(who_else_may_change(make("a", 0666)), Optional(HasSubstr("mode 0666")));

    const auto file = make("b");
    ::chmod(directory_.path().c_str(), 0777);
    EXPECT_THAT(who_else_may_change(file),
                Optional(HasSubstr("others may write to it (mode 0777)")));
    ::chmod(directory_.path().c_str(), 01777);
    EXPECT_EQ(who_else_may_change(file), std::nullopt);
}

TEST_F(Ownership, OfALinkIsThatOfBothEnds) {
    const auto open = directory_.path() / "open";
    fs::create_directory(open);
    const auto file = make("a");
    fs::create_symlink(file, open / "link");
    EXPECT_EQ(who_else_may_change(open / "link"), std::nullopt);

    ::chmod(open.c_str(), 0777);

    EXPECT_THAT(who_else_may_change(open / "link"), Optional(HasSubstr("open': others may write")));
}

TEST_F(Ownership, OfWhatIsNotThereIsNotKnown) {
    EXPECT_THAT(who_else_may_change(directory_.path() / "no"), Optional(HasSubstr("looked at")));
}

TEST_F(Ownership, OfAnotherUserIsHis) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a file to another user";
    }
    const auto file = make("a");
    ASSERT_EQ(::chown(file.c_str(), somebody_else, 0), 0);

    EXPECT_THAT(who_else_may_change(file), Optional(std::string("belongs to uid 65534")));
    ASSERT_EQ(::chown(directory_.path().c_str(), somebody_else, 0), 0);
    EXPECT_THROW(require_own_directory(directory_.path()), Error);
    EXPECT_THAT(who_else_may_change(make("b")), Optional(HasSubstr("belongs to uid 65534")));
    ASSERT_EQ(::chown(directory_.path().c_str(), 0, 0), 0);
}

TEST_F(Ownership, OfADirectoryMustBeTheCallersAlone) {
    const auto made = directory_.path() / "a" / "b";

    require_own_directory(made);

    struct stat info {};
    ASSERT_EQ(::stat(made.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    ::chmod(made.c_str(), 0755);
    EXPECT_NO_THROW(require_own_directory(made));
    ::chmod(made.c_str(), 0777);
    EXPECT_THROW(require_own_directory(made), Error);
}

} // namespace
} // namespace lab
