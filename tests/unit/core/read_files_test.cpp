// SPDX-License-Identifier: Apache-2.0
#include "core/read_files.h"

#include <gtest/gtest.h>

namespace lab::core {
namespace {

ReadFiles two_builds() {
    ReadFiles files;
    files.add_build({"kernel/main.c", "include/a.h"},
                    {"kernel/main.c", "kernel/unused.c", "include/a.h", "include/b.h", "Makefile",
                     "tools/gen.c", "README.md"});
    files.add_build({"kernel/main.c", "include/new.h"}, {"kernel/main.c", "include/new.h"});
    return files;
}

TEST(ReadFiles, DropsAChangeOfWhatNoBuildRead) {
    const auto files = two_builds();

    EXPECT_TRUE(files.cannot_matter({"kernel/unused.c"}));
    EXPECT_TRUE(files.cannot_matter({"kernel/unused.c", "include/b.h"}));
    EXPECT_TRUE(files.cannot_matter(std::vector<std::string>{}));
}

TEST(ReadFiles, KeepsEveryChangeThatMightMatter) {
    const auto files = two_builds();

    EXPECT_FALSE(files.cannot_matter({"kernel/main.c"}));                  // read
    EXPECT_FALSE(files.cannot_matter({"include/new.h"}));                  // read by one of them
    EXPECT_FALSE(files.cannot_matter({"kernel/unused.c", "include/a.h"})); // one of both read
    EXPECT_FALSE(files.cannot_matter({"include/other.h"}));                // not there then
    EXPECT_FALSE(files.cannot_matter({"Makefile"}));                       // read without record
    EXPECT_FALSE(files.cannot_matter({"README.md"}));                      // as far as is known
    EXPECT_FALSE(files.cannot_matter({"tools/gen.c"}));                    // no records there
    EXPECT_FALSE(files.cannot_matter({"kernel/.c"}));
    EXPECT_FALSE(files.cannot_matter({"kernel"})); // a whole directory
}

} // namespace
} // namespace lab::core
