// SPDX-License-Identifier: Apache-2.0
#include "base/user_namespace.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab {
namespace {

TEST(AsFileOwner, FindsAdministrationToolsOutsideOfPath) {
    const std::string before = std::getenv("PATH");
    ::setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);

    const auto argv = as_file_owner({"mke2fs", "-q"});

    ::setenv("PATH", before.c_str(), 1);
    ASSERT_GE(argv.size(), 2U);
    EXPECT_THAT(argv[argv.size() - 2], testing::EndsWith("/sbin/mke2fs"));
}

} // namespace
} // namespace lab
