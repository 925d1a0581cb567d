// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/files.h"
#include "base/new_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lab {
namespace {

class Files : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path in(const std::string& name) const {
        return directory_.path() / name;
    }

    [[nodiscard]] static mode_t mode_of(const std::filesystem::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 07777U;
    }

    template <class Action>
    static ErrorCode code_of(Action action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << "nothing was thrown";
        return ErrorCode::timed_out;
    }

private:
    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "lab-test-"};
};

TEST_F(Files, ThatAreNewReplaceNothing) {
    write_new_file(in("new"), "first", FileAccess::owner_only);
    std::filesystem::create_symlink("nowhere", in("link"));

    EXPECT_EQ(code_of([&] { write_new_file(in("new"), "second"); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { write_new_file(in("link"), "second"); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { write_new_file(in("none/x"), "second"); }), ErrorCode::not_found);

    EXPECT_EQ(read_file(in("new")), "first");
    EXPECT_EQ(mode_of(in("new")), 0600U);
    const std::filesystem::directory_iterator all(in(""));
    EXPECT_EQ(std::distance(begin(all), end(all)), 2) << "no temporary file is left";
}

TEST_F(Files, AreReadAsTheyWereWritten) {
    const std::string content("line\n\0\xff", 7);

    write_file(in("a"), content);

    EXPECT_EQ(read_file(in("a")), content);
}

TEST_F(Files, AreReplacedAndLeaveNothingBeside) {
    write_file(in("a"), "old and longer");
    write_file(in("a"), "new");

    EXPECT_EQ(read_file(in("a")), "new");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(in("")), {}), 1);
}

TEST_F(Files, WithSecretsAreForTheirOwnerOnly) {
    ::umask(022);
    write_file(in("secret"), "x", FileAccess::owner_only);
    write_file(in("public"), "x");

    EXPECT_EQ(mode_of(in("secret")), 0600U);
    EXPECT_EQ(mode_of(in("public")), 0644U);
}

TEST_F(Files, ReplaceASymbolicLinkInsteadOfFollowingIt) {
    write_file(in("target"), "kept");
    std::filesystem::create_symlink("target", in("link"));

    write_file(in("link"), "new");

    EXPECT_EQ(read_file(in("target")), "kept");
    EXPECT_FALSE(std::filesystem::is_symlink(in("link")));
}

TEST_F(Files, AboveTheLimitAreRefused) {
    write_file(in("a"), "12345");

    EXPECT_EQ(read_file(in("a"), {5}), "12345");
    EXPECT_EQ(code_of([&] { static_cast<void>(read_file(in("a"), {4})); }), ErrorCode::bad_input);
}

TEST_F(Files, ThatAreNoneAreRefused) {
    ASSERT_EQ(::mkfifo(in("pipe").c_str(), 0600), 0);

    EXPECT_EQ(code_of([&] { static_cast<void>(read_file(in("none"))); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([&] { static_cast<void>(read_file(in(""))); }), ErrorCode::bad_input);
    EXPECT_EQ(code_of([&] { static_cast<void>(read_file(in("pipe"))); }), ErrorCode::bad_input);
    EXPECT_EQ(code_of([&] { static_cast<void>(read_file("/dev/zero")); }), ErrorCode::bad_input);
}

TEST_F(Files, AreThereOrNotUnlessThePathCanBeNone) {
    write_file(in("file"), "x");
    std::filesystem::create_symlink("loop", in("loop"));
    std::filesystem::create_symlink("nowhere", in("dangling"));

    EXPECT_TRUE(path_exists(in("file")));
    EXPECT_FALSE(path_exists(in("nothing")));
    EXPECT_FALSE(path_exists(in("file/below")));
    EXPECT_FALSE(path_exists(in("dangling")));
    for (const auto& name : {std::string("loop"), std::string(256, 'x')}) {
        EXPECT_EQ(code_of([&] { (void)path_exists(in(name)); }), ErrorCode::bad_input);
        EXPECT_EQ(code_of([&] { (void)read_file(in(name)); }), ErrorCode::bad_input);
    }
    EXPECT_EQ(code_of([&] { make_directory(in(std::string(256, 'x')) / "y"); }),
              ErrorCode::bad_input);
}

TEST_F(Files, AreNotWrittenIntoADirectoryThatIsNotThere) {
    EXPECT_EQ(code_of([&] { write_file(in("none/a"), "x"); }), ErrorCode::not_found);
}

TEST_F(Files, DirectoriesAreMadeWithTheirParents) {
    make_directory(in("a/b/c"));
    make_directory(in("a/b/c"));

    EXPECT_TRUE(std::filesystem::is_directory(in("a/b/c")));
    EXPECT_EQ(mode_of(in("a/b")), 0700U);
}

TEST_F(Files, ADirectoryIsNotMadeWhereAFileLies) {
    write_file(in("a"), "x");

    EXPECT_THROW(make_directory(in("a")), Error);
    EXPECT_THROW(make_directory(in("a/b")), Error);
}

TEST_F(Files, ATemporaryDirectoryGoesWithItsOwner) {
    std::filesystem::path path;
    {
        const TemporaryDirectory temporary(in("t"), "x-");
        path = temporary.path();
        write_file(path / "a", "x");
        EXPECT_THAT(path.filename().string(), testing::StartsWith("x-"));
        EXPECT_EQ(mode_of(path), 0700U);
    }

    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(std::filesystem::exists(in("t")));
}

TEST_F(Files, ATemporaryDirectoryStaysWhenItIsKeptOrMoved) {
    std::filesystem::path kept;
    {
        TemporaryDirectory first(in("t"), "x-");
        kept = first.path();
        TemporaryDirectory second(std::move(first));
        second.keep();
    }

    EXPECT_TRUE(std::filesystem::exists(kept));
}

TEST_F(Files, AreFlushedByName) {
    write_file(in("a"), "x");

    EXPECT_NO_THROW(sync_path(in("a")));
    EXPECT_NO_THROW(sync_path(in("")));
    EXPECT_EQ(code_of([&] { sync_path(in("none")); }), ErrorCode::not_found);
}

} // namespace
} // namespace lab
